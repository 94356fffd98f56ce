#include "sessionhub/event.h"
