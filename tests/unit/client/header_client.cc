#include "sessionhub/client.h"
