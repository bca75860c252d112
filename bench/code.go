package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// redemptions bring one-time codes to their doors, each once.
func (r *rig) redemptions() traffic {
	return traffic{
		client: r.our, program: r.ours, proof: []byte(`"decision":"open"`), times: 1,
		prepare: func(_ int, request *fasthttp.Request) bool {
			code, ok := r.codes.take()
			if !ok {
				return false
			}
			begin(request, r.our.Addr, fasthttp.MethodPost, "/", nil)
			request.SetRequestURI("http://" + r.our.Addr + "/v1/doors/" + string(code.device.door) + "/code-entries")
			request.Header.SetBytesV(fasthttp.HeaderAuthorization, code.device.bearer)
			request.Header.Set("Idempotency-Key", uuid.NewString())
			request.SetBodyRaw([]byte(`{"code":"` + code.text + `"}`))
			return true
		},
	}
}

// oneTimeCode opens one door once.
type oneTimeCode struct {
	text   string
	device *member // of the door
}

// codeStock holds codes that were made and not yet used.
type codeStock struct {
	rig   *rig
	codes []oneTimeCode
	next  atomic.Int64
}

func (s *codeStock) take() (oneTimeCode, bool) {
	at := s.next.Add(1) - 1
	if at >= int64(len(s.codes)) {
		return oneTimeCode{}, false
	}
	return s.codes[at], true
}

const (
	codesPerSecond = 4000 // more than anybody redeems here
	codesAtOnce    = 500  // in one commit
)

// fill makes as many as the round may use. A round that uses them up ends early, and counts as long as it was.
func (s *codeStock) fill(ctx context.Context, callers int, length time.Duration) error {
	wanted := int(length.Seconds() * codesPerSecond)
	if callers == 1 {
		wanted /= 2
	}
	left := s.codes[min(int(s.next.Load()), len(s.codes)):]
	s.codes = append([]oneTimeCode{}, left...)
	s.next.Store(0)
	for len(s.codes) < wanted {
		if err := s.add(ctx); err != nil {
			return fmt.Errorf("making codes: %w", err)
		}
	}
	return nil
}

func (s *codeStock) add(ctx context.Context) error {
	passes, now, host := []models.VisitorPass{}, time.Now(), s.rig.station.residents[0]
	for number := range codesAtOnce {
		text, err := auth.NewVisitorCode(rand.Reader)
		if err != nil {
			return err
		}
		device := &s.rig.station.devices[number%len(s.rig.station.devices)]
		s.codes = append(s.codes, oneTimeCode{text: text.Reveal(), device: device})
		passes = append(passes, models.VisitorPass{
			ID: newID(), Place: host.home, HostID: host.id, VisitorName: "bench",
			DoorIDs: []models.ID{device.door}, CodeMAC: s.rig.keys.CodeMAC("visitor_code", text.Reveal()),
			StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour), MaxUses: 1, CreatedAt: now,
		})
	}
	return s.rig.store.Atomically(ctx, func(tx *store.Store) error {
		for _, pass := range passes {
			if err := tx.AddVisitorPass(ctx, pass); err != nil {
				return err
			}
		}
		return nil
	})
}
