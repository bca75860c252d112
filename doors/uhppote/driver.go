package uhppote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"xunfang/models"
)

// Door is one of a board's doors.
type Door struct {
	ID      models.ID
	Number  uint8 // 1 to 4, as printed at the terminals
	Contact bool  // a door contact is wired; without one the board says "closed", and means nothing by it
}

// Config is what a Driver needs. What is marked optional may be left out.
type Config struct {
	BoardConfig
	Doors  []Door
	Now    func() time.Time
	Logger *slog.Logger

	VerifyRelay      bool                     // opened only when the relay is seen drawn, or the event is there
	KeypadsSendCards bool                     // a code typed at the keypad reaches the board as a card number
	Refer            func(card uint32) string // optional: what stands for a card number in events; nil: nothing does
	Listener         *Listener                // optional: without it events are fetched every Poll
	Reachable        netip.AddrPort           // the listener as the board reaches it; with Listener
	Poll             time.Duration            // between looks for events; 0: 30 s
	MaxDrift         time.Duration            // of the board's clock before it is set; 0: 3 s
}

// Driver is doors.Driver over one board.
type Driver struct {
	config Config
	board  *Board
	mutex  sync.Mutex
	alarms map[uint8]models.DoorAlarm // what the events of a door say, until it closes
}

// NewDriver checks the configuration, every mistake at once; nothing is sent.
func NewDriver(config Config) (*Driver, error) {
	var wrong []error
	board, err := NewBoard(config.BoardConfig)
	if err != nil {
		wrong = append(wrong, err)
	}
	if config.Now == nil || config.Logger == nil || len(config.Doors) == 0 {
		wrong = append(wrong, errors.New("uhppote: a driver needs a clock, a logger and a door"))
	}
	numbers, ids := map[uint8]bool{}, map[models.ID]bool{}
	for _, door := range config.Doors {
		if door.Number < 1 || door.Number > doorCount || door.ID == "" || numbers[door.Number] || ids[door.ID] {
			wrong = append(wrong, fmt.Errorf("uhppote: door %q: numbers are 1 to 4, each once", door.ID))
		}
		numbers[door.Number], ids[door.ID] = true, true
	}
	if config.Listener != nil && (!config.Reachable.Addr().Is4() || config.Reachable.Port() == 0) {
		wrong = append(wrong, errors.New("uhppote: a listener needs the IPv4 address and port by which the board reaches it"))
	}
	if config.Poll <= 0 {
		config.Poll = 30 * time.Second
	}
	if config.MaxDrift <= 0 {
		config.MaxDrift = 3 * time.Second
	}
	return &Driver{config: config, board: board, alarms: map[uint8]models.DoorAlarm{}}, errors.Join(wrong...)
}

// Board is the board itself, for what a Driver has no word for: time profiles, how a door is run.
func (d *Driver) Board() *Board { return d.board }

// Capabilities implements doors.Driver.
func (d *Driver) Capabilities() models.DoorCapabilities {
	contacts := true
	for _, door := range d.config.Doors {
		contacts = contacts && door.Contact
	}
	return models.DoorCapabilities{
		ConfirmsOpening: true, KnowsPosition: contacts, KnowsLock: true, ReportsAlarms: contacts,
		HoldsCards: true, HoldsCodes: d.config.KeypadsSendCards, WholeDaysOnly: true,
		Events: true, EventIndex: true, DecidesOffline: true, ClockCanBeSet: true,
	}
}

func (d *Driver) door(id models.ID) (Door, error) {
	for _, door := range d.config.Doors {
		if door.ID == id {
			return door, nil
		}
	}
	return Door{}, models.ErrDoorUnknown
}

// Status implements doors.Driver.
func (d *Driver) Status(ctx context.Context, id models.ID) (models.DoorStatus, error) {
	unknown := models.UnknownDoorStatus(id, d.config.Now())
	door, err := d.door(id)
	if err != nil {
		return unknown, err
	}
	board, err := d.board.Status(ctx)
	if err != nil {
		return unknown, err
	}
	control, err := d.board.Control(ctx, door.Number)
	if err != nil {
		return unknown, err
	}
	return d.describe(door, board, control), nil
}

func (d *Driver) describe(door Door, board Status, control Control) models.DoorStatus {
	status := models.UnknownDoorStatus(door.ID, d.config.Now())
	drawn := board.relay(door.Number)
	status.Lock, status.Fault = models.LockLocked, models.FaultNone
	if drawn {
		status.Lock = models.LockUnlocked
	}
	if board.Error != 0 {
		status.Fault = models.FaultDetected
	}
	switch control.Mode {
	case normallyOpen:
		status.Mode = models.ModeUnlocked
	case normallyClosed:
		status.Mode = models.ModeBlocked
	case controlled:
		status.Mode = models.ModeLocked
		if drawn {
			status.Mode = models.ModeAccessed
		}
	}
	if !door.Contact {
		return status
	}
	status.Position, status.Alarm = models.PositionClosed, models.AlarmNormal
	if board.Doors[door.Number-1] {
		status.Position, status.Alarm = models.PositionOpen, d.alarm(door.Number)
	}
	return status
}

// alarm is what the events said of a door that stands open.
func (d *Driver) alarm(number uint8) models.DoorAlarm {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if alarm, raised := d.alarms[number]; raised {
		return alarm
	}
	return models.AlarmNormal
}

// Health implements doors.Driver.
func (d *Driver) Health(ctx context.Context) (models.DoorHealth, error) {
	health := models.DoorHealth{Fault: models.FaultUnknown, Model: "UHPPOTE", At: d.config.Now()}
	controller, err := d.board.Controller(ctx)
	if err != nil {
		return health, err
	}
	asked := d.config.Now()
	status, err := d.board.Status(ctx)
	if err != nil {
		return health, err
	}
	health.Online, health.Firmware, health.At = true, controller.Firmware, d.config.Now()
	health.RoundTrip, health.Fault = health.At.Sub(asked), models.FaultNone
	if !status.Clock.IsZero() {
		health.ClockDrift = status.Clock.Sub(health.At)
	}
	if status.Error != 0 {
		health.Fault = models.FaultDetected
	}
	return health, nil
}

// SetTime implements doors.Driver.
func (d *Driver) SetTime(ctx context.Context) error {
	_, err := d.board.SetTime(ctx, d.config.Now())
	return err
}
