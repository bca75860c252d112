package handlers_test

import "net/http"

var quietProbes = map[string]probe{
	"getMyAlertSettings": plain(func(*stage, *caller) asked { return get("/v1/me/alert-settings") }),
	"putMyAlertSettings": plain(func(*stage, *caller) asked {
		return asked{method: http.MethodPut, path: "/v1/me/alert-settings", body: quietBody("22:00", "07:00", false, true)}
	}),
}
