#include "sessionhub/session.h"
