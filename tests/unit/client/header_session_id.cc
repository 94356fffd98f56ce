#include "sessionhub/session_id.h"
