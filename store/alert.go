package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"xunfang/models"
)

type alertRow struct {
	ID            models.ID `gorm:"primaryKey"`
	StationID     models.ID
	CompoundID    models.ID
	BuildingID    models.ID
	UnitID        models.ID
	HomeID        models.ID
	Kind          string
	Severity      string
	TitleSealed   []byte
	BodySealed    []byte
	TitleEnSealed []byte
	BodyEnSealed  []byte
	Roles         string
	OnDuty        bool
	SquadID       models.ID
	NearLat       *float64
	NearLng       *float64
	NearM         float64
	Named         int
	SenderID      models.ID
	AboutID       models.ID `gorm:"column:about_id"`
	RequiresAck   bool
	Recipients    int
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
	ExpiresAt     int64
	CancelledAt   int64
}

func (alertRow) TableName() string { return "alerts" }

// AddAlert writes an alert, puts it into the inbox of everybody it is for, and queues what is to be
// sent to their phones: all in the transaction of its cause. It returns how many people it is for;
// CodeUnprocessable when they are more than models.MaxAudience.
func (s *Store) AddAlert(ctx context.Context, alert models.Alert) (int, error) {
	row := s.alertRow(alert)
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return 0, translate(err)
	}
	recipients, err := s.addInboxItems(ctx, alert)
	if err != nil {
		return 0, err
	}
	if recipients > models.MaxAudience {
		return 0, models.Unfit("audience", models.FieldTooMany, "<= 100000 people")
	}
	err = s.write(ctx).Model(&alertRow{}).Where("id = ?", alert.ID).Update("recipients", recipients).Error
	if err != nil {
		return 0, translate(err)
	}
	return recipients, s.addDeliveries(ctx, alert)
}

func (s *Store) alertRow(alert models.Alert) alertRow {
	roles := make([]string, 0, len(alert.Audience.Roles))
	for _, role := range alert.Audience.Roles {
		roles = append(roles, string(role))
	}
	place := alert.Audience.Place
	row := alertRow{
		ID: alert.ID, StationID: place.Station, CompoundID: place.Compound, BuildingID: place.Building,
		UnitID: place.Unit, HomeID: place.Home, Kind: alert.Kind, Severity: alert.Severity,
		TitleSealed:   s.vault.Seal([]byte(alert.Title.Reveal()), "alerts.title:"+string(alert.ID)),
		BodySealed:    s.vault.Seal([]byte(alert.Body.Reveal()), "alerts.body:"+string(alert.ID)),
		TitleEnSealed: s.sealText(alert.TitleEN, "alerts.title_en", alert.ID),
		BodyEnSealed:  s.sealText(alert.BodyEN, "alerts.body_en", alert.ID),
		Roles:         strings.Join(roles, ","), SenderID: alert.SenderID, AboutID: alert.AboutID,
		RequiresAck: alert.RequiresAck, CreatedAt: millis(alert.CreatedAt), ExpiresAt: millis(alert.ExpiresAt),
		OnDuty: alert.Audience.OnDuty, SquadID: alert.Audience.SquadID, Named: alert.Audience.Named,
	}
	if near := alert.Audience.Near; near != nil {
		row.NearLat, row.NearLng, row.NearM = &near.Lat, &near.Lng, near.RadiusM
	}
	return row
}

// Alert reads one alert with its counts; CodeNotFound when there is none.
func (s *Store) Alert(ctx context.Context, id models.ID) (models.Alert, error) {
	rows := []alertRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Alert{}, orNotFound(translate(err))
	}
	alerts, err := s.alerts(ctx, rows)
	if err != nil {
		return models.Alert{}, err
	}
	return alerts[0], nil
}

// AlertFilter narrows a list of alerts; empty fields do not.
type AlertFilter struct {
	Severity string
	Kind     string
}

// Alerts lists alerts within sight, newest first: those addressed to a place in sight by roles,
// and, for a sight with an owner, those in the owner's inbox.
func (s *Store) Alerts(ctx context.Context, sights []models.Sight, filter AlertFilter, page Page) ([]models.Alert, error) {
	places, rows := []models.Sight{}, []alertRow{}
	base := func() *gorm.DB { return filter.apply(s.read(ctx).Model(&alertRow{})) }
	cols := columns{
		order: "id", newest: true, compound: "compound_id", building: "building_id", unit: "unit_id", home: "home_id",
	}
	for _, sight := range sights {
		if sight.Owner == "" {
			places = append(places, sight)
			continue
		}
		inbox := base().Where("EXISTS (SELECT 1 FROM inbox_items WHERE alert_id = alerts.id AND person_id = ?)", sight.Owner)
		own := []alertRow{}
		if err := cols.page(inbox, page).Find(&own).Error; err != nil {
			return nil, translate(err)
		}
		rows = append(rows, own...)
	}
	public := func() *gorm.DB { return base().Where("roles <> ''") } // one person's own alerts are nobody else's
	more, err := sightPages(ctx, public, places, cols, page, func(row alertRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.alerts(ctx, newestFirst(append(rows, more...), page.Limit, func(row alertRow) models.ID { return row.ID }))
}

func (f AlertFilter) apply(query *gorm.DB) *gorm.DB {
	if f.Severity != "" {
		query = query.Where("severity = ?", f.Severity)
	}
	if f.Kind != "" {
		query = query.Where("kind = ?", f.Kind)
	}
	return query
}

// alerts turns rows into alerts with the number of acknowledgements, in one query for all.
func (s *Store) alerts(ctx context.Context, rows []alertRow) ([]models.Alert, error) {
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	counts, acknowledged := []struct {
		AlertID models.ID
		Number  int
	}{}, map[models.ID]int{}
	if len(ids) > 0 {
		err := s.read(ctx).Model(&inboxRow{}).Select("alert_id, COUNT(*) AS number").
			Where("alert_id IN ? AND acknowledged_at > 0", ids).Group("alert_id").Scan(&counts).Error
		if err != nil {
			return nil, translate(err)
		}
	}
	for _, count := range counts {
		acknowledged[count.AlertID] = count.Number
	}
	alerts := make([]models.Alert, 0, len(rows))
	for _, row := range rows {
		alert, err := s.alert(row)
		if err != nil {
			return nil, err
		}
		alert.Acknowledged = acknowledged[row.ID]
		alerts = append(alerts, alert)
	}
	return alerts, nil
}

// bare is an alert without its words.
func (row alertRow) bare() models.Alert {
	roles := []models.Role{}
	for _, role := range strings.Split(row.Roles, ",") {
		if role != "" {
			roles = append(roles, models.Role(role))
		}
	}
	audience := models.Audience{Roles: roles, OnDuty: row.OnDuty, SquadID: row.SquadID, Named: row.Named, Place: models.Place{
		Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
	}}
	if row.NearLat != nil && row.NearLng != nil {
		audience.Near = &models.Near{Position: models.Position{Lat: *row.NearLat, Lng: *row.NearLng}, RadiusM: row.NearM}
	}
	return models.Alert{
		ID: row.ID, Kind: row.Kind, Severity: row.Severity, SenderID: row.SenderID, AboutID: row.AboutID, Audience: audience,
		RequiresAck: row.RequiresAck, CreatedAt: instant(row.CreatedAt), ExpiresAt: instant(row.ExpiresAt),
		CancelledAt: instant(row.CancelledAt), Recipients: row.Recipients,
	}
}

func (s *Store) alert(row alertRow) (models.Alert, error) {
	alert := row.bare()
	var err error
	if alert.Title, err = s.openText(row.TitleSealed, "alerts.title", row.ID); err != nil {
		return alert, err
	}
	if alert.Body, err = s.openText(row.BodySealed, "alerts.body", row.ID); err != nil {
		return alert, err
	}
	if alert.TitleEN, err = s.openText(row.TitleEnSealed, "alerts.title_en", row.ID); err != nil {
		return alert, err
	}
	alert.BodyEN, err = s.openText(row.BodyEnSealed, "alerts.body_en", row.ID)
	return alert, err
}
