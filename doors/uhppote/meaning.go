package uhppote

import (
	"strconv"

	"xunfang/models"
)

// meaning is what a board's reason says, in ONVIF's words.
type meaning struct {
	kind   models.DoorEventKind
	way    string
	reason string
}

// meanings are the reasons that are published (uhppoted-lib, its table of event reasons in English).
func meanings() map[byte]meaning {
	denied, granted, other := models.EventAccessDenied, models.EventAccessGranted, models.EventOther
	return map[byte]meaning{
		1:            {granted, models.WayCard, ""},
		5:            {denied, models.WayCard, "pc_control"},
		6:            {denied, models.WayCard, "no_rights"},
		7:            {denied, models.WayCode, "wrong_code"},
		8:            {denied, models.WayCard, "anti_passback"},
		9:            {denied, models.WayCard, "more_cards_needed"},
		10:           {denied, models.WayCard, "first_card_needed"},
		11:           {denied, models.WayCard, "door_blocked"},
		12:           {denied, models.WayCard, "interlock"},
		13:           {denied, models.WayCard, "outside_its_time"},
		15:           {denied, models.WayCard, "outside_its_time"},
		18:           {denied, models.WayCard, "denied"},
		20:           {granted, models.WayButton, ""},
		23:           {models.EventDoorOpened, "", ""},
		24:           {models.EventDoorClosed, "", ""},
		25:           {granted, models.WayCode, "supervisor_code"},
		28:           {models.EventStarted, "", "power"},
		29:           {models.EventStarted, "", "reset"},
		31:           {denied, models.WayButton, "door_blocked"},
		32:           {denied, models.WayButton, "offline"},
		33:           {denied, models.WayButton, "interlock"},
		34:           {denied, models.WayButton, "threat"},
		37:           {models.EventHeldOpen, "", ""},
		38:           {models.EventForcedOpen, models.WayForced, ""},
		39:           {models.EventFire, "", ""},
		40:           {other, "", "forced_closed"},
		41:           {other, "", "theft_prevention"},
		42:           {other, "", "zone_24_hours"},
		43:           {other, "", "emergency"},
		reasonRemote: {granted, models.WayRemote, ""},
		45:           {granted, models.WayRemote, "usb_reader"},
	}
}

// translate gives an event of the board in the words of ours.
func (d *Driver) translate(event Event) models.DoorEvent {
	now := d.config.Now()
	known, found := meanings()[event.Reason]
	if !found {
		known = meaning{models.EventOther, "", "reason_" + strconv.Itoa(int(event.Reason))}
	}
	// Whether somebody was let in is the board's word; its reason only says why.
	if known.kind == models.EventAccessGranted || known.kind == models.EventAccessDenied {
		known.kind = models.EventAccessDenied
		if event.Granted {
			known.kind = models.EventAccessGranted
		}
	}
	told := models.DoorEvent{
		Index: event.Index, Kind: known.kind, Way: known.way, Reason: known.reason,
		OccurredAt: event.At, ReceivedAt: now,
	}
	told.Replayed = told.Replays(now)
	if event.At.IsZero() { // when it was, nobody can say: it is noted, and nothing is done for it
		told.OccurredAt, told.Replayed = now, true
	}
	for _, door := range d.config.Doors {
		if door.Number == event.Door {
			told.DoorID = door.ID
		}
	}
	if d.config.Refer != nil && known.way == models.WayCard && validCard(event.Card) {
		told.CredentialRef = d.config.Refer(event.Card)
	}
	return told
}

// remember keeps what an event says about the way its door stands.
func (d *Driver) remember(event Event) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	switch meanings()[event.Reason].kind {
	case models.EventForcedOpen:
		d.alarms[event.Door] = models.AlarmForced
	case models.EventHeldOpen:
		d.alarms[event.Door] = models.AlarmHeldOpen
	case models.EventDoorClosed:
		delete(d.alarms, event.Door)
	default:
	}
}
