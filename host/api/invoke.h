/* POST on an action. */
#ifndef RECLAVE_HOST_API_INVOKE_H
#define RECLAVE_HOST_API_INVOKE_H

#include "host/http/http.h"

http_handler invoke_action;

#endif
