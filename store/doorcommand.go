package store

import (
	"context"
	"time"

	"xunfang/models"
)

type doorCommandRow struct {
	ID          models.ID `gorm:"primaryKey"`
	StationID   models.ID
	CompoundID  models.ID
	DoorID      models.ID
	DeviceID    models.ID
	PersonID    models.ID
	State       models.DoorCommandState
	RequestedAt int64
	ExpiresAt   int64
	EndedAt     int64
	Confirmed   bool
	Reason      string
}

func (doorCommandRow) TableName() string { return "door_commands" }

// AddDoorCommand writes a new command.
func (s *Store) AddDoorCommand(ctx context.Context, command models.DoorCommand) error {
	row := doorCommandRow{
		ID: command.ID, StationID: command.Place.Station, CompoundID: command.Place.Compound, DoorID: command.DoorID,
		DeviceID: command.DeviceID, PersonID: command.PersonID, State: command.State,
		RequestedAt: millis(command.RequestedAt), ExpiresAt: millis(command.ExpiresAt),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// openingRow is a door with its controller, as far as a command needs both.
type openingRow struct {
	Door         doorRow `gorm:"embedded"`
	HoldsCodes   bool
	SessionNonce string
	Online       bool
	DisabledAt   int64
	Fitted       bool // there is such a device
	Driven       bool // it is another maker's
}

// DoorToOpen reads a door and its controller for a command, in one query where the controller speaks our own protocol: of
// that one come the id, the session, and whether it is online or disabled. CodeNotFound when there is no door;
// the device is zero where the door has none.
func (s *Store) DoorToOpen(ctx context.Context, id models.ID) (models.Door, models.Device, error) {
	rows := []openingRow{}
	err := s.read(ctx).Raw(`SELECT doors.*, COALESCE(devices.holds_codes, 0) AS holds_codes, COALESCE(devices.online, 0) AS online,
		COALESCE(devices.session_nonce, '') AS session_nonce, COALESCE(devices.disabled_at, 0) AS disabled_at,
		devices.id IS NOT NULL AS fitted, EXISTS (SELECT 1 FROM device_drivers WHERE device_id = doors.device_id) AS driven
		FROM doors LEFT JOIN devices ON devices.id = doors.device_id WHERE doors.id = ?`, id).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.Door{}, models.Device{}, orNotFound(translate(err))
	}
	row, door := rows[0], rows[0].Door.door()
	door.Online, door.HoldsCodes = row.Online && row.DisabledAt == 0, row.HoldsCodes
	switch {
	case door.DeviceID == "":
		return door, models.Device{}, nil
	case row.Driven || !row.Fitted:
		device, err := s.Device(ctx, door.DeviceID)
		door.Driver = device.Driver
		return door, device, err
	default:
		return door, models.Device{
			ID: door.DeviceID, SessionNonce: row.SessionNonce, Online: row.Online, DisabledAt: instant(row.DisabledAt),
		}, nil
	}
}

// DoorCommand reads one command; CodeNotFound when there is none.
func (s *Store) DoorCommand(ctx context.Context, id models.ID) (models.DoorCommand, error) {
	rows := []doorCommandRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.DoorCommand{}, orNotFound(translate(err))
	}
	return rows[0].command(), nil
}

// MoveDoorCommand enters a state where models.CommandBefore allows it; false when the command
// stood elsewhere. An end state keeps when it was entered and whether the controller said so.
func (s *Store) MoveDoorCommand(
	ctx context.Context, id models.ID, to models.DoorCommandState, confirmed bool, now time.Time,
) (bool, error) {
	changes := map[string]any{"state": to}
	if to.Ended() {
		changes["ended_at"], changes["confirmed"] = millis(now), confirmed
	}
	done := s.write(ctx).Model(&doorCommandRow{}).Where("id = ? AND state IN ?", id, models.CommandBefore(to)).Updates(changes)
	return done.RowsAffected == 1, translate(done.Error)
}

// OverdueDoorCommands lists commands that have not ended and expired before a time; at most limit.
func (s *Store) OverdueDoorCommands(ctx context.Context, before time.Time, limit int) ([]models.DoorCommand, error) {
	rows := []doorCommandRow{}
	err := s.read(ctx).Where("state IN ? AND expires_at < ?",
		[]models.DoorCommandState{models.CommandRequested, models.CommandSent}, millis(before)).
		Order("expires_at").Limit(limit).Find(&rows).Error
	commands := make([]models.DoorCommand, 0, len(rows))
	for _, row := range rows {
		commands = append(commands, row.command())
	}
	return commands, translate(err)
}

func (row doorCommandRow) command() models.DoorCommand {
	return models.DoorCommand{
		ID: row.ID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, DoorID: row.DoorID,
		DeviceID: row.DeviceID, PersonID: row.PersonID, State: row.State, RequestedAt: instant(row.RequestedAt),
		ExpiresAt: instant(row.ExpiresAt), EndedAt: instant(row.EndedAt), Confirmed: row.Confirmed,
		Reason: row.Reason,
	}
}
