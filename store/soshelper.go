package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type sosHelperRow struct {
	SosID          models.ID `gorm:"primaryKey"`
	PersonID       models.ID `gorm:"primaryKey"`
	Role           models.Role
	Step           int
	DistanceM      *float64
	AskedAt        int64
	DeliveredAt    int64
	AcknowledgedAt int64
	Reply          models.SOSReply
	RepliedAt      int64
	ClassM         *float64
	ClassAt        int64
}

func (sosHelperRow) TableName() string { return "sos_helpers" }

// AddSOSHelpers notes who is asked; what somebody answered who was asked before is of no more use.
func (s *Store) AddSOSHelpers(ctx context.Context, helpers []models.SOSHelper) error {
	return s.addSOSHelpers(ctx, helpers, clause.OnConflict{
		Columns: []clause.Column{{Name: "sos_id"}, {Name: "person_id"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"role", "step", "distance_m", "asked_at", "delivered_at", "acknowledged_at", "reply", "replied_at", "class_m", "class_at",
		}),
	})
}

func (s *Store) addSOSHelpers(ctx context.Context, helpers []models.SOSHelper, taken clause.OnConflict) error {
	rows := make([]sosHelperRow, 0, len(helpers))
	for _, helper := range helpers {
		rows = append(rows, sosHelperRow{
			SosID: helper.SOSID, PersonID: helper.PersonID, Role: helper.Role, Step: helper.Step, DistanceM: helper.DistanceM,
			AskedAt: millis(helper.AskedAt), ClassM: helper.ClassM, ClassAt: millis(helper.ClassAt),
		})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Clauses(taken).CreateInBatches(&rows, 500).Error)
}

// SOSHelpers lists who was asked, or came by themself, in the order in which they were.
func (s *Store) SOSHelpers(ctx context.Context, sos models.ID) ([]models.SOSHelper, error) {
	rows := []sosHelperRow{}
	err := s.read(ctx).Where("sos_id = ?", sos).Order("asked_at, distance_m IS NULL, distance_m, person_id").
		Limit(2 * models.MaxSOSAsked).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	helpers := make([]models.SOSHelper, 0, len(rows))
	for _, row := range rows {
		helpers = append(helpers, row.helper())
	}
	return helpers, nil
}

// SOSHelper reads one; CodeNotFound when the person was not asked.
func (s *Store) SOSHelper(ctx context.Context, sos, person models.ID) (models.SOSHelper, error) {
	rows := []sosHelperRow{}
	err := s.read(ctx).Where("sos_id = ? AND person_id = ?", sos, person).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.SOSHelper{}, orNotFound(translate(err))
	}
	return rows[0].helper(), nil
}

// UpdateSOSHelper writes what somebody answered; who was not asked has come by themself.
func (s *Store) UpdateSOSHelper(ctx context.Context, helper models.SOSHelper) error {
	if err := s.addSOSHelpers(ctx, []models.SOSHelper{helper}, clause.OnConflict{DoNothing: true}); err != nil {
		return err
	}
	return translate(s.write(ctx).Model(&sosHelperRow{}).Where("sos_id = ? AND person_id = ?", helper.SOSID, helper.PersonID).
		Updates(map[string]any{
			"delivered_at": millis(helper.DeliveredAt), "acknowledged_at": millis(helper.AcknowledgedAt),
			"reply": helper.Reply, "replied_at": millis(helper.RepliedAt),
		}).Error)
}

// UnfetchedSOS finds, among calls for help, those that a person was asked about and whose phone has not shown yet
// that it has them.
func (s *Store) UnfetchedSOS(ctx context.Context, person models.ID, calls []models.ID) ([]models.ID, error) {
	found := []models.ID{}
	err := s.read(ctx).Model(&sosHelperRow{}).Where("person_id = ? AND sos_id IN ? AND delivered_at = 0", person, calls).
		Pluck("sos_id", &found).Error
	return found, translate(err)
}

// FetchedSOS notes that a person's phone has fetched a call, once. It says whether that was the first phone to do so,
// by which the call is delivered.
func (s *Store) FetchedSOS(ctx context.Context, sos, person models.ID, now time.Time) (first bool, err error) {
	done := s.write(ctx).Model(&sosHelperRow{}).Where("sos_id = ? AND person_id = ? AND delivered_at = 0", sos, person).
		Update("delivered_at", millis(now))
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	done = s.write(ctx).Exec("UPDATE sos SET state = ?, delivered_at = ?, changed_at = ?, version = version + 1 WHERE id = ? AND state = ?",
		models.SOSDelivered, millis(now), millis(now), sos, models.SOSRaised)
	return done.RowsAffected == 1, translate(done.Error)
}

func (row sosHelperRow) helper() models.SOSHelper {
	return models.SOSHelper{
		SOSID: row.SosID, PersonID: row.PersonID, Role: row.Role, Step: row.Step, DistanceM: row.DistanceM,
		AskedAt: instant(row.AskedAt), DeliveredAt: instant(row.DeliveredAt), AcknowledgedAt: instant(row.AcknowledgedAt),
		Reply: row.Reply, RepliedAt: instant(row.RepliedAt), ClassM: row.ClassM, ClassAt: instant(row.ClassAt),
	}
}

// SOSClasses gives which class of distance the caller of calls was told last of each helper, since an instant.
func (s *Store) SOSClasses(ctx context.Context, caller models.ID, since time.Time) (map[models.ID]models.SOSHelper, error) {
	rows, told := []sosHelperRow{}, map[models.ID]models.SOSHelper{}
	err := s.read(ctx).Distinct("person_id", "class_m", "class_at").
		Where("sos_id IN (SELECT id FROM sos WHERE caller_id = ? AND asked_at > ?)", caller, millis(since)).
		Where("class_at > ?", millis(since)).Order("class_at").Limit(2 * models.MaxSOSAsked).Find(&rows).Error
	for _, row := range rows {
		told[row.PersonID] = row.helper()
	}
	return told, translate(err)
}

// Names reads the names of people; who does not exist is left out. One that cannot be read is an error, and the others
// are given all the same.
func (s *Store) Names(ctx context.Context, people []models.ID) (map[models.ID]models.Secret, error) {
	rows, names := []personRow{}, map[models.ID]models.Secret{}
	if len(people) == 0 {
		return names, nil
	}
	if err := s.read(ctx).Select("id", "name_sealed").Where("id IN ?", people).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	var unread error
	for _, row := range rows {
		name, err := s.openText(row.NameSealed, "people.name", row.ID)
		if err != nil {
			unread = errors.Join(unread, fmt.Errorf("store: the name of %s: %w", row.ID, err))
			continue
		}
		names[row.ID] = name
	}
	return names, unread
}
