package store

import (
	"context"
	"fmt"
	"time"

	"xunfang/models"
)

// forgetBatch is how many rows of one kind one call deletes: others wait for the writer meanwhile.
const forgetBatch = 2000

// aging says what of a table is deleted: rows whose time-ordered id was made before a time.
type aging struct {
	table, column string
	kept          time.Duration
}

// agings lists them, those that refer to others first.
var agings = []aging{
	{"deliveries", "id", models.DeliveryKept},
	{"inbox_items", "alert_id", models.AlertKept},
	{"alerts", "id", models.AlertKept},
	{"access_events", "id", models.AccessEventKept},
	{"door_commands", "id", models.AccessEventKept},
}

// ForgetOld deletes a bounded number of rows that have outlived their use and erases the names of
// visitors whose pass ended long ago. It returns how many rows it touched; 0 when nothing is left to do.
func (s *Store) ForgetOld(ctx context.Context, now time.Time) (int64, error) {
	touched := int64(0)
	for _, old := range agings {
		err := s.Atomically(ctx, func(tx *Store) error {
			// The inner SELECT stands in another because MySQL takes no LIMIT in it otherwise.
			done := tx.write(ctx).Exec(fmt.Sprintf(
				"DELETE FROM %[1]s WHERE %[2]s IN (SELECT old FROM (SELECT DISTINCT %[2]s AS old FROM %[1]s WHERE %[2]s < ? LIMIT ?) AS aged)",
				old.table, old.column), models.FirstIDAt(now.Add(-old.kept)), forgetBatch)
			touched += done.RowsAffected
			return translate(done.Error)
		})
		if err != nil {
			return touched, err
		}
	}
	erased, err := s.eraseVisitors(ctx, now.Add(-models.VisitorKept))
	return touched + erased, err
}

// eraseVisitors takes name and plate out of passes that ended before a time; the pass itself stays,
// for access events name it.
func (s *Store) eraseVisitors(ctx context.Context, before time.Time) (int64, error) {
	ended := []models.ID{}
	// A pass is made at most so long before it ends: the key bounds what is looked at.
	err := s.read(ctx).Model(&visitorPassRow{}).
		Where("id < ? AND ends_at < ? AND LENGTH(visitor_name_sealed) > 0", models.FirstIDAt(before), millis(before)).
		Limit(forgetBatch).Pluck("id", &ended).Error
	if err != nil || len(ended) == 0 {
		return 0, translate(err)
	}
	erased := int64(0)
	err = s.Atomically(ctx, func(tx *Store) error {
		done := tx.write(ctx).Model(&visitorPassRow{}).Where("id IN ?", ended).
			Updates(map[string]any{"visitor_name_sealed": []byte{}, "plate_sealed": []byte(nil)})
		erased = done.RowsAffected
		return translate(done.Error)
	})
	return erased, err
}
