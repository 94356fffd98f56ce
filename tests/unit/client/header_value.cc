#include "sessionhub/value.h"
