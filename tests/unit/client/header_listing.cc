#include "sessionhub/listing.h"
