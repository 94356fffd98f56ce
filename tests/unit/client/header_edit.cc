#include "sessionhub/edit.h"
