#include "sessionhub/view.h"
