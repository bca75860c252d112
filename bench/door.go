package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"xunfang/auth"
	"xunfang/doors"
	"xunfang/models"
)

// fleet is one controller for each door, as real MQTT clients of the product's own broker.
type fleet struct{ controllers []*doors.Controller }

const helloWithin = 30 * time.Second

// startFleet switches the controllers on and waits until the product knows them all.
func (r *rig) startFleet(ctx context.Context) error {
	if r.fleet != nil {
		return nil
	}
	public := r.keys.DoorPublicKeys()
	r.fleet = &fleet{}
	for _, device := range r.station.devices {
		controller, err := doors.NewController(doors.ControllerConfig{
			URL: "mqtt://" + r.broker, DeviceID: device.id, Secret: device.secret, DoorIDs: []models.ID{device.door},
			Verify: func(jws string) ([]byte, error) { return auth.VerifyDoorCommand(jws, public) },
			Now:    time.Now, Relay: r.relayed.pulse,
		})
		if err != nil {
			return err
		}
		if err := controller.Start(); err != nil {
			return err
		}
		r.fleet.controllers = append(r.fleet.controllers, controller)
	}
	ctx, cancel := context.WithTimeout(ctx, helloWithin)
	defer cancel()
	for {
		online := 0
		if err := r.database.raw.QueryRowContext(ctx, "SELECT COUNT(*) FROM devices WHERE online = 1").Scan(&online); err != nil {
			return err
		}
		if online == len(r.fleet.controllers) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d controllers are online: %w", online, len(r.fleet.controllers), ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (f *fleet) stop() {
	for _, controller := range f.controllers {
		controller.Stop(true)
	}
}

// openings ask for one door after another, so that none gets more commands than a door would, and
// wait for the controller's acknowledgement.
func (r *rig) openings() traffic {
	var next atomic.Int64
	return traffic{
		client: r.our, program: r.ours, proof: []byte(`"state":"opened"`), times: 1,
		prepare: func(caller int, request *fasthttp.Request) bool {
			door := r.station.devices[next.Add(1)%int64(len(r.station.devices))].door
			begin(request, r.our.Addr, fasthttp.MethodPost, "/", r.station.residents[caller].bearer)
			request.SetRequestURI("http://" + r.our.Addr + "/v1/doors/" + string(door) + "/open")
			request.Header.Set("Prefer", "wait=5")
			request.Header.Set("Idempotency-Key", uuid.NewString())
			return true
		},
	}
}
