package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"
)

const (
	typeJSON = "application/json"
	zeroID   = "00000000-0000-0000-0000-000000000000"
)

// batchBody is a body with check-ins that is made once; only the ids in it are written anew.
type batchBody struct {
	text []byte
	ids  []int // where they begin
}

// newBatch is a batch at one of the checkpoints, captured now.
func (r *rig) newBatch(caller, size int) *batchBody {
	checkpoint := r.station.checkpoints[caller%len(r.station.checkpoints)]
	item := fmt.Sprintf(`{"id":%q,"checkpoint_id":%q,"method":"gps",`+
		`"position":{"lat":%.6f,"lng":%.6f,"crs":"WGS84","accuracy_m":8},"captured_at":%q}`,
		zeroID, checkpoint.ID, checkpoint.At.Lat, checkpoint.At.Lng, time.Now().UTC().Format("2006-01-02T15:04:05.000Z"))
	text := `{"items":[` + strings.TrimSuffix(strings.Repeat(item+",", size), ",") + `]}`
	made := &batchBody{text: []byte(text)}
	for at := 0; ; {
		next := strings.Index(text[at:], zeroID)
		if next < 0 {
			return made
		}
		made.ids = append(made.ids, at+next)
		at += next + len(zeroID)
	}
}

// next gives the body with ids that were never used.
func (b *batchBody) next() []byte {
	for _, at := range b.ids {
		copy(b.text[at:], uuid.Must(uuid.NewV7()).String())
	}
	return b.text
}

// batches are one body for each caller, made at its first request.
func (r *rig) batches(size int) func(caller int) *batchBody {
	made := make([]*batchBody, maxCallers)
	return func(caller int) *batchBody {
		if made[caller] == nil {
			made[caller] = r.newBatch(caller, size)
		}
		return made[caller]
	}
}

func (r *rig) checkIns(size int) traffic {
	bodies := r.batches(size)
	return traffic{
		client: r.our, program: r.ours, proof: []byte(`"status":"accepted"`), times: size,
		prepare: func(caller int, request *fasthttp.Request) bool {
			begin(request, r.our.Addr, fasthttp.MethodPost, "/v1/check-ins", r.station.patrol[caller].bearer)
			request.SetBodyRaw(bodies(caller).next())
			return true
		},
	}
}

// bareInsert is one row of the same body, which is what every case that writes is compared with.
func (r *rig) bareInsert() traffic {
	bodies := r.batches(1)
	return traffic{
		client: r.their, program: r.bare, proof: []byte(`"status":"accepted"`), times: 1,
		prepare: func(caller int, request *fasthttp.Request) bool {
			begin(request, r.their.Addr, fasthttp.MethodPost, "/check-ins", nil)
			request.SetBodyRaw(bodies(caller).next())
			return true
		},
	}
}

// begin sets what does not change from one request of a caller to the next, unless the token was renewed.
func begin(request *fasthttp.Request, host, method, path string, bearer []byte) {
	if len(request.Header.Host()) == 0 {
		request.SetRequestURI("http://" + host + path)
		request.Header.SetMethod(method)
		if method == fasthttp.MethodPost {
			request.Header.SetContentType(typeJSON)
		}
		if bearer != nil {
			request.Header.SetBytesV(fasthttp.HeaderAuthorization, bearer)
		}
	}
}
