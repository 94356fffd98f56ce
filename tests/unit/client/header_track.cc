#include "sessionhub/track.h"
