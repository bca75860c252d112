package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type faceEnrolmentRow struct {
	ID            models.ID `gorm:"primaryKey"`
	ConsentID     models.ID
	PersonID      models.ID
	AskedBy       models.ID
	StationID     models.ID
	CompoundID    models.ID
	DoorID        models.ID
	DeviceID      models.ID
	CredentialRef string
	State         models.FaceState
	Live          *string // NULL, not "", so that it can be unique
	TokenSealed   []byte
	TokenHash     []byte
	TokenUntil    int64
	ValidUntil    int64
	RequestedAt   int64
	EnrolledAt    int64
	DeletionAt    int64
	Reason        string
	OverAt        int64
	Told          int
	TellAt        int64
}

func (faceEnrolmentRow) TableName() string { return "face_enrolments" }

const faceTokenColumn = "face_enrolments.token" //nolint:gosec // names a column

// AddFaceEnrolment writes a new enrolment; CodeAlreadyExists when the id is taken, or the person has a live one at the terminal.
func (s *Store) AddFaceEnrolment(ctx context.Context, e models.FaceEnrolment) error {
	row := s.faceEnrolmentRow(e)
	return translate(s.write(ctx).Create(&row).Error)
}

func (s *Store) faceEnrolmentRow(e models.FaceEnrolment) faceEnrolmentRow {
	row := faceEnrolmentRow{
		ID: e.ID, ConsentID: e.ConsentID, PersonID: e.PersonID, AskedBy: e.AskedBy, StationID: e.Place.Station,
		CompoundID: e.Place.Compound, DoorID: e.DoorID, DeviceID: e.DeviceID, CredentialRef: e.CredentialRef, State: e.State,
		TokenSealed: s.sealText(e.Token, faceTokenColumn, e.ID), TokenHash: e.TokenHash, TokenUntil: millis(e.TokenUntil),
		ValidUntil: millis(e.ValidUntil), RequestedAt: millis(e.RequestedAt), EnrolledAt: millis(e.EnrolledAt),
		DeletionAt: millis(e.DeletionAt), Reason: e.Reason, OverAt: millis(e.OverAt), Told: e.Told, TellAt: millis(e.TellAt),
	}
	if e.Live() {
		live := string(e.PersonID) + " " + string(e.DeviceID)
		row.Live = &live
	}
	return row
}

// MoveFaceEnrolment writes what changed of an enrolment; CodeWrongState when somebody was quicker.
func (s *Store) MoveFaceEnrolment(ctx context.Context, before, after models.FaceEnrolment) error {
	row := s.faceEnrolmentRow(after)
	done := s.write(ctx).Model(&faceEnrolmentRow{}).
		Where("id = ? AND state = ? AND told = ? AND tell_at = ?", before.ID, before.State, before.Told, millis(before.TellAt)).
		Updates(map[string]any{
			"state": row.State, "live": row.Live, "token_sealed": row.TokenSealed, "enrolled_at": row.EnrolledAt,
			"deletion_at": row.DeletionAt, "reason": row.Reason, "over_at": row.OverAt, "told": row.Told, "tell_at": row.TellAt,
		})
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	return translate(done.Error)
}

// deleteFaces asks for the deletion of what is live and meets a condition.
func (s *Store) deleteFaces(ctx context.Context, reason string, now time.Time, which string, values ...any) error {
	order, _ := models.FaceEnrolment{State: models.FaceRequested}.DeletedFor(reason, now)
	done := s.write(ctx).Model(&faceEnrolmentRow{}).
		Where("state IN ?", []models.FaceState{models.FaceRequested, models.FaceEnrolled}).Where(which, values...).
		Updates(map[string]any{
			"state": order.State, "live": nil, "token_sealed": nil, "deletion_at": millis(order.DeletionAt), "reason": order.Reason,
			"over_at": 0, "told": order.Told, "tell_at": millis(order.TellAt),
		})
	return translate(done.Error)
}

// WipedFaces writes that nothing is left at a terminal of any enrolment; it tells of how many something might have been left.
func (s *Store) WipedFaces(ctx context.Context, device models.ID, now time.Time) (int, error) {
	done := s.write(ctx).Model(&faceEnrolmentRow{}).
		Where("device_id = ?", device).
		Where("state IN ?", []models.FaceState{models.FaceRequested, models.FaceEnrolled, models.FaceDeletionRequested}).
		Updates(map[string]any{
			"state": models.FaceDeleted, "live": nil, "token_sealed": nil, "reason": models.FaceReasonWiped, "over_at": millis(now), "tell_at": 0,
		})
	return int(done.RowsAffected), translate(done.Error)
}

// unservedFaces are enrolments at terminals that are closed, speak another protocol, or have no door that is entered by face.
const unservedFaces = "NOT EXISTS (SELECT 1 FROM devices JOIN doors ON doors.device_id = devices.id " +
	"WHERE devices.id = face_enrolments.device_id AND devices.disabled_at = 0 AND doors.ways LIKE '%face%') " +
	"OR EXISTS (SELECT 1 FROM device_drivers WHERE device_drivers.device_id = face_enrolments.device_id AND kind <> ?)"

// DeleteUnservedFaces asks a terminal for the deletion of everything, if it should enrol none any more.
func (s *Store) DeleteUnservedFaces(ctx context.Context, device models.ID, now time.Time) error {
	return s.deleteFaces(ctx, models.FaceReasonTerminal, now, "device_id = ? AND ("+unservedFaces+")", device, models.DriverMQTT)
}

// ExpiredFaces lists enrolments whose token ended before a time without a terminal's word, at most limit.
func (s *Store) ExpiredFaces(ctx context.Context, before time.Time, limit int) ([]models.FaceEnrolment, error) {
	query := s.read(ctx).Where("state = ? AND token_until <= ?", models.FaceRequested, millis(before))
	return s.faceEnrolments(query.Order("token_until").Limit(limit))
}

// UnservedFaces lists what terminals keep that should enrol none any more, at most limit.
func (s *Store) UnservedFaces(ctx context.Context, limit int) ([]models.FaceEnrolment, error) {
	query := s.read(ctx).Where("live IS NOT NULL").Where("("+unservedFaces+")", models.DriverMQTT)
	return s.faceEnrolments(query.Order("id").Limit(limit))
}

// FaceEnrolment reads one enrolment; CodeNotFound when there is none.
func (s *Store) FaceEnrolment(ctx context.Context, id models.ID) (models.FaceEnrolment, error) {
	return s.oneFaceEnrolment(s.read(ctx).Where("id = ?", id))
}

// LiveFaceEnrolment reads a person's live enrolment at a terminal; CodeNotFound when there is none.
func (s *Store) LiveFaceEnrolment(ctx context.Context, person, device models.ID) (models.FaceEnrolment, error) {
	return s.oneFaceEnrolment(s.read(ctx).Where("live = ?", string(person)+" "+string(device)))
}

func (s *Store) oneFaceEnrolment(query *gorm.DB) (models.FaceEnrolment, error) {
	found, err := s.faceEnrolments(query.Limit(1))
	if err != nil || len(found) == 0 {
		return models.FaceEnrolment{}, orNotFound(err)
	}
	return found[0], nil
}

// FaceEnrolments lists the enrolments of a person, and those they asked for as a guardian, newest first.
func (s *Store) FaceEnrolments(ctx context.Context, person models.ID, page Page) ([]models.FaceEnrolment, error) {
	base := func() *gorm.DB { return s.read(ctx).Model(&faceEnrolmentRow{}) }
	key := func(row faceEnrolmentRow) models.ID { return row.ID }
	cols := columns{order: "id", newest: true, owner: "person_id"}
	own, err := sightPages(ctx, base, []models.Sight{{Owner: person}}, cols, page, key)
	if err != nil {
		return nil, err
	}
	cols.owner = "asked_by"
	asked, err := sightPages(ctx, base, []models.Sight{{Owner: person}}, cols, page, key)
	if err != nil {
		return nil, err
	}
	return s.openFaceEnrolments(newestFirst(append(own, asked...), page.Limit, key))
}

// openFaceStates are those in which a terminal owes an answer.
var openFaceStates = []models.FaceState{models.FaceRequested, models.FaceDeletionRequested}

// FaceOrders lists what a terminal has still to answer, the oldest first.
func (s *Store) FaceOrders(ctx context.Context, device models.ID, page Page) ([]models.FaceEnrolment, error) {
	cols := columns{order: "id"}
	return s.faceEnrolments(cols.page(s.read(ctx).Where("device_id = ? AND state IN ?", device, openFaceStates), page))
}

// FaceOrdersWithin lists what terminals within sight have still to answer, by id.
func (s *Store) FaceOrdersWithin(ctx context.Context, sights []models.Sight, page Page) ([]models.FaceEnrolment, error) {
	base := func() *gorm.DB { return s.read(ctx).Model(&faceEnrolmentRow{}).Where("state IN ?", openFaceStates) }
	rows, err := sightPages(ctx, base, sights, columns{order: "id", compound: "compound_id"}, page,
		func(row faceEnrolmentRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.openFaceEnrolments(rows)
}

// FaceFigures counts the enrolments of a compound's terminals.
func (s *Store) FaceFigures(ctx context.Context, compound models.ID, now time.Time) (models.FaceFigures, error) {
	figures := models.FaceFigures{}
	row := s.read(ctx).Model(&faceEnrolmentRow{}).Where("compound_id = ?", compound).Select(
		"COALESCE(SUM(state = ?), 0), COALESCE(SUM(state = ?), 0), COALESCE(SUM(state = ?), 0), COALESCE(SUM(state = ? AND deletion_at <= ?), 0)",
		models.FaceEnrolled, models.FaceRequested, models.FaceDeletionRequested, models.FaceDeletionRequested,
		millis(now.Add(-models.FaceDeletionTold[0]))).Row()
	return figures, translate(row.Scan(&figures.Enrolled, &figures.Requested, &figures.Deleting, &figures.Overdue))
}

// LateFaceDeletions lists deletions of which somebody is to be told that they are not confirmed; at most limit, terminal by terminal.
func (s *Store) LateFaceDeletions(ctx context.Context, now time.Time, limit int) ([]models.FaceEnrolment, error) {
	return s.faceEnrolments(s.read(ctx).Where("tell_at > 0 AND tell_at <= ?", millis(now)).Order("tell_at, device_id, id").Limit(limit))
}

// FaceHolders finds whose the credentials are that are good at a terminal.
func (s *Store) FaceHolders(ctx context.Context, device models.ID, credentials []string) (map[string]models.ID, error) {
	holders, rows := map[string]models.ID{}, []faceEnrolmentRow{}
	if len(credentials) == 0 {
		return holders, nil
	}
	err := s.read(ctx).Select("credential_ref", "person_id").
		Where("device_id = ? AND credential_ref IN ? AND state = ?", device, credentials, models.FaceEnrolled).Find(&rows).Error
	for _, row := range rows {
		holders[row.CredentialRef] = row.PersonID
	}
	return holders, translate(err)
}

func (s *Store) faceEnrolments(query *gorm.DB) ([]models.FaceEnrolment, error) {
	rows := []faceEnrolmentRow{}
	if err := query.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return s.openFaceEnrolments(rows)
}

func (s *Store) openFaceEnrolments(rows []faceEnrolmentRow) ([]models.FaceEnrolment, error) {
	enrolments := make([]models.FaceEnrolment, 0, len(rows))
	for _, row := range rows {
		token, err := s.openText(row.TokenSealed, faceTokenColumn, row.ID)
		if err != nil {
			return nil, err
		}
		enrolments = append(enrolments, models.FaceEnrolment{
			ID: row.ID, ConsentID: row.ConsentID, PersonID: row.PersonID, AskedBy: row.AskedBy, DoorID: row.DoorID,
			Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, DeviceID: row.DeviceID,
			CredentialRef: row.CredentialRef, State: row.State, Token: token, TokenHash: row.TokenHash,
			TokenUntil: instant(row.TokenUntil), ValidUntil: instant(row.ValidUntil), RequestedAt: instant(row.RequestedAt),
			EnrolledAt: instant(row.EnrolledAt), DeletionAt: instant(row.DeletionAt), Reason: row.Reason, OverAt: instant(row.OverAt),
			Told: row.Told, TellAt: instant(row.TellAt),
		})
	}
	return enrolments, nil
}
