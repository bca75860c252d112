package main

import "github.com/valyala/fasthttp"

// signIns are sign-ins by password: argon2id, a session, an audit entry and two tokens each.
func (r *rig) signIns() traffic {
	return traffic{
		client: r.our, program: r.ours, proof: []byte(`"access_token"`), times: 1,
		prepare: func(caller int, request *fasthttp.Request) bool {
			begin(request, r.our.Addr, fasthttp.MethodPost, "/v1/auth/token", nil)
			request.SetBodyRaw([]byte(`{"grant_type":"password","account":"` + r.station.patrol[caller].account +
				`","password":"` + password + `"}`))
			return true
		},
	}
}

// bareVerify is the argon2id verification alone, at the same cost, without a database.
func (r *rig) bareVerify() traffic {
	return traffic{
		client: r.their, program: r.bare, proof: []byte(`"signed_in":true`), times: 1,
		prepare: func(_ int, request *fasthttp.Request) bool {
			begin(request, r.their.Addr, fasthttp.MethodPost, "/verify", nil)
			request.SetBodyRaw([]byte(`{"password":"` + password + `"}`))
			return true
		},
	}
}
