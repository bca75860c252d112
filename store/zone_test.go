package store_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

func TestAStationsZone(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		description := describe(t, "Asia/Shanghai", "Europe/Berlin")
		imported(t, s, description, importNow)
		zone, err := s.StationZone(t.Context(), description.Station.ID)
		if err != nil || zone.String() != "Europe/Berlin" {
			t.Errorf("%v, %v", zone, err)
		}
		if _, err := s.StationZone(t.Context(), newTestID()); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("no station: %v", err)
		}
	})
}

// Everything of a shift and of a plan is read as it was written, lists in their order.
func TestAShiftIsReadAsItWasWritten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		day := models.Date{Year: 2028, Month: time.February, Day: 29}
		dates := []models.Date{}
		for at := range models.MaxShiftDates {
			dates = append(dates, day.Add(at))
		}
		for _, shift := range []models.Shift{
			{Recurrence: models.RecursWeekdays, Weekdays: []time.Weekday{time.Sunday, time.Wednesday, time.Saturday}},
			{Recurrence: models.RecursDates, Dates: dates, UntilDate: dates[len(dates)-1], PostID: newTestID(), EndedAt: later},
		} {
			shift.ID, shift.StationID, shift.SquadID, shift.Name = newTestID(), newTestID(), newTestID(), "夜班"
			shift.StartMinute, shift.LengthMinutes, shift.FromDate, shift.CreatedAt = 1439, 1440, day, importNow
			if err := s.Atomically(t.Context(), func(tx *store.Store) error { return tx.AddShift(t.Context(), shift) }); err != nil {
				t.Fatal(err)
			}
			got, err := s.Shift(context.Background(), shift.ID)
			if err != nil || !reflect.DeepEqual(got, shift) {
				t.Errorf("%v\ngot  %+v\nwant %+v", err, got, shift)
			}
		}
	})
}
