package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

// tellingPage is how many people one transaction queues an alert for. Others wait for the worker to go on, so that an alert
// for a hundred thousand holds up nobody's check-in.
const tellingPage = 1000

// allChannels stands for no choice of channels.
const allChannels = "*"

// telling is one time of asking those who have not acknowledged an alert.
type telling struct {
	alert    models.Alert // needs no words
	round    int64
	channels []string // nil: all
	unheard  map[models.CallPhone]bool
}

// tellingRow is a telling whose phones are not all queued yet: those of everybody up to AfterPerson are.
type tellingRow struct {
	AlertID     models.ID `gorm:"primaryKey"`
	Round       int64     `gorm:"primaryKey;autoIncrement:false"`
	Urgency     int
	Channels    string // with commas between, or allChannels
	AfterPerson models.ID
	BegunAt     int64
}

func (tellingRow) TableName() string { return "tellings" }

// queueTelling queues one time of asking by some channels (nil: by all) for those who have not acknowledged; the phones that are
// unheard are left alone. Of many people it queues the first, and GoOnTelling the others.
func (s *Store) queueTelling(
	ctx context.Context, alert models.Alert, round int64, channels []string, unheard map[models.CallPhone]bool, now time.Time,
) error {
	if channels == nil || slices.Contains(channels, models.ChannelWebhook) {
		if err := s.tellWebhooks(ctx, alert, round, now); err != nil {
			return err
		}
	}
	told := telling{alert, round, channels, unheard}
	people, err := s.toTell(ctx, told, "")
	if err != nil || len(people) == 0 {
		return err
	}
	if len(people) == tellingPage {
		row := tellingRow{
			AlertID: alert.ID, Round: round, Urgency: models.Urgency(alert.Severity), Channels: allChannels,
			AfterPerson: people[len(people)-1], BegunAt: millis(now),
		}
		if channels != nil {
			row.Channels = strings.Join(channels, ",")
		}
		if err := s.write(ctx).Create(&row).Error; err != nil {
			return translate(err)
		}
	}
	return s.tell(ctx, told, people, now)
}

// GoOnTelling queues the most urgent alert whose phones are not all queued for its next people; false: there is none. Of any
// number of replicas one queues each page.
func (s *Store) GoOnTelling(ctx context.Context, now time.Time) (bool, error) {
	rows := []tellingRow{}
	err := s.read(ctx).Order("urgency, begun_at, alert_id, round").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return false, translate(err)
	}
	err = s.Atomically(ctx, func(tx *Store) error { return tx.goOn(ctx, rows[0], now) })
	if models.CodeOf(err) == models.CodeWrongState { // another replica did it, or it is over
		err = nil
	}
	return true, err
}

func (s *Store) goOn(ctx context.Context, row tellingRow, now time.Time) error {
	alerts := []alertRow{}
	if err := s.write(ctx).Where("id = ?", row.AlertID).Limit(1).Find(&alerts).Error; err != nil {
		return translate(err)
	}
	var people []models.ID
	told := telling{round: row.Round}
	if row.Channels != allChannels {
		told.channels = strings.Split(row.Channels, ",")
	}
	if len(alerts) > 0 && instant(alerts[0].ExpiresAt).After(now) {
		var err error
		told.alert = alerts[0].bare()
		if people, err = s.toTell(ctx, told, row.AfterPerson); err != nil {
			return err
		}
	}
	here := s.write(ctx).Model(&tellingRow{}).
		Where("alert_id = ? AND round = ? AND after_person = ?", row.AlertID, row.Round, row.AfterPerson)
	if len(people) < tellingPage {
		here = here.Delete(nil)
	} else {
		here = here.Update("after_person", people[len(people)-1])
	}
	switch {
	case here.Error != nil:
		return translate(here.Error)
	case here.RowsAffected == 0:
		return models.Fail(models.CodeWrongState)
	case len(people) == 0:
		return nil
	}
	return s.tell(ctx, told, people, now)
}

// toTell names the next people after one who are to be told, in the order of their ids.
func (s *Store) toTell(ctx context.Context, told telling, after models.ID) ([]models.ID, error) {
	people := []models.ID{}
	waiting := s.write(ctx).Model(&inboxRow{}).Where("alert_id = ? AND person_id > ?", told.alert.ID, after)
	if told.round != CancelRound { // who acts on it must hear that it is off
		waiting = waiting.Where("acknowledged_at = 0")
	}
	return people, translate(waiting.Order("person_id").Limit(tellingPage).Pluck("person_id", &people).Error)
}

// tell queues an alert for the phones, and where they are asked for the numbers, of some people.
func (s *Store) tell(ctx context.Context, told telling, people []models.ID, now time.Time) error {
	if s.config.Texts && slices.Contains(told.channels, models.ChannelSMS) {
		if err := s.tellByNumber(ctx, byText, told.alert, told.round, people, now); err != nil {
			return err
		}
	}
	if s.config.Voice && slices.Contains(told.channels, models.ChannelVoice) {
		if err := s.tellByNumber(ctx, byVoice, told.alert, told.round, people, now); err != nil {
			return err
		}
	}
	addresses, rows := []pushAddressRow{}, []deliveryRow{}
	if err := s.write(ctx).Select("person_id", "installation_id", "kind", "updated_at").Where("person_id IN ?", people).
		Find(&addresses).Error; err != nil {
		return translate(err)
	}
	for _, address := range addresses {
		wanted := told.channels == nil || slices.Contains(told.channels, models.ChannelOf(address.Kind))
		phone := models.CallPhone{PersonID: address.PersonID, InstallationID: address.InstallationID}
		if wanted && !told.unheard[phone] && address.address().TakesPush(told.alert.Severity, now) {
			rows = append(rows, s.queuedRow(told.alert, address, told.round, now))
		}
	}
	if err := s.holdBack(ctx, told.alert, rows, now); err != nil || len(rows) == 0 {
		return err
	}
	return translate(s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, 500).Error)
}

// forgetTellings deletes those that nobody went on with, as where nothing is pushed.
func (s *Store) forgetTellings(ctx context.Context, before time.Time) (int64, error) {
	aged := []models.ID{}
	err := s.read(ctx).Model(&tellingRow{}).Where("begun_at < ?", millis(before)).Limit(forgetBatch).Pluck("alert_id", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM tellings WHERE alert_id IN ? AND begun_at < ?", aged, millis(before))
}
