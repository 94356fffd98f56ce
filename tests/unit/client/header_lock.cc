#include "sessionhub/lock.h"
