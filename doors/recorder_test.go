package doors

import (
	"context"
	"sync"
	"time"

	"xunfang/models"
)

// recorder is a sink that keeps everything.
type recorder struct {
	mutex  sync.Mutex
	nonces map[models.ID]string
	hellos int
	byes   []string
	acks   []Ack
	ackers []models.ID
	events []Event
}

func (r *recorder) Hello(_ context.Context, deviceID models.ID, nonce, _ string, _ time.Time) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.nonces[deviceID] = nonce
	r.hellos++
	return nil
}

func (r *recorder) Bye(_ context.Context, _ models.ID, nonce string) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.byes = append(r.byes, nonce)
	return nil
}

func (r *recorder) Acknowledged(_ context.Context, deviceID models.ID, ack Ack) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.acks = append(r.acks, ack)
	r.ackers = append(r.ackers, deviceID)
	return nil
}

func (r *recorder) Happened(_ context.Context, _ models.ID, event Event) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.events = append(r.events, event)
	return nil
}

func (r *recorder) nonce(deviceID models.ID) string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.nonces[deviceID]
}

func (r *recorder) acksOf(id models.ID) (acks []Ack) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, ack := range r.acks {
		if ack.ID == id {
			acks = append(acks, ack)
		}
	}
	return acks
}

func (r *recorder) saidBye(nonce string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, one := range r.byes {
		if one == nonce {
			return true
		}
	}
	return false
}
