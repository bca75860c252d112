package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// Callers that share a query must each get their own answer: half of them ask for ids that exist.
func TestSharedLookupsAnswerEachCaller(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		id := func(number int) models.ID {
			return models.ID(fmt.Sprintf("01939c1e-8a00-7000-8000-%012d", number))
		}
		const callers, each = 64, 9
		written := []models.CheckIn{}
		for caller := 0; caller < callers; caller += 2 {
			written = append(written, models.CheckIn{
				ID: id(caller*each + each - 1), OrderID: id(caller * each), Place: models.Place{Station: id(1)}, PersonID: id(caller),
				Method: models.MethodGPS, CapturedAt: time.UnixMilli(1), ReceivedAt: time.UnixMilli(2),
			})
		}
		if err := s.Atomically(ctx, func(tx *store.Store) error { tx.AddCheckIns(written); return nil }); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for caller := range callers {
			all.Go(func() {
				ids := []models.ID{}
				for number := range each {
					ids = append(ids, id(caller*each+number))
				}
				for range 20 {
					found, err := s.CheckInsByID(ctx, ids)
					if err != nil || len(found) != (caller+1)%2 {
						t.Errorf("caller %d: %d found, %v", caller, len(found), err)
						return
					}
					for known, checkIn := range found {
						if known != ids[each-1] || checkIn.PersonID != id(caller) {
							t.Errorf("caller %d got %s of %s", caller, known, checkIn.PersonID)
						}
					}
				}
			})
		}
		all.Wait()
	})
}

// A caller that gives up must not take the answer of the others with it.
func TestLookupEndsWithItsCaller(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ended, end := context.WithCancel(t.Context())
		end()
		asked := []models.ID{"01939c1e-8a00-7000-8000-000000000001"}
		if _, err := s.CheckInsByID(ended, asked); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if found, err := s.CheckInsByID(t.Context(), asked); err != nil || len(found) != 0 {
			t.Errorf("%d found, %v", len(found), err)
		}
	})
}
