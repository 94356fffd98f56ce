#include "sessionhub/options.h"
