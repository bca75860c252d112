package uhppote

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

var _ doors.Driver = (*Driver)(nil)

func day(number int) time.Time { return time.Date(2026, 11, number, 0, 0, 0, 0, shanghai) }

func TestCardsReachTheBoard(t *testing.T) {
	r := newRig(t)
	card := models.DoorCard{Number: 12345678, From: day(24), Until: day(26), Doors: []models.ID{gate}}
	for range 2 { // a repeat changes nothing
		if err := r.driver.PutCard(t.Context(), card); err != nil {
			t.Fatal(err)
		}
	}
	held, found, err := r.driver.Board().Card(t.Context(), card.Number)
	if err != nil || !found || !held.From.Equal(day(24)) || !held.Until.Equal(day(25)) || held.Doors != [4]uint8{0, 0, always, 0} {
		t.Errorf("%+v %v %v", held, found, err)
	}
	// The board decides alone: the right door, its two days and no other.
	for _, test := range []struct {
		at   time.Time
		door uint8
		want bool
	}{
		{day(24).Add(-time.Second), 3, false},
		{day(24), 3, true},
		{day(24), 1, false},
		{day(26).Add(-time.Second), 3, true},
		{day(26), 3, false},
	} {
		r.clock.advance(test.at.Sub(r.clock.now()))
		if got := r.simulator.Swipe(card.Number, test.door); got != test.want {
			t.Errorf("at %v at door %d: let in %v", test.at, test.door, got)
		}
	}
	for range 2 {
		if err := r.driver.RemoveCard(t.Context(), card.Number); err != nil {
			t.Errorf("removing: %v", err)
		}
	}
	if r.simulator.Cards() != 0 {
		t.Error("the card is still there")
	}
}

// The reply to a deletion is lost, and the repeat is refused because the card is gone.
func TestRemovedCardWhoseReplyIsLost(t *testing.T) {
	r := newRig(t)
	if err := r.driver.PutCard(t.Context(), models.DoorCard{Number: 7, From: day(24), Until: day(25), Doors: []models.ID{gate}}); err != nil {
		t.Fatal(err)
	}
	r.loseFirst(deleteCard, true, 1)
	if err := r.driver.RemoveCard(t.Context(), 7); err != nil || r.simulator.Cards() != 0 {
		t.Errorf("%v, %d cards", err, r.simulator.Cards())
	}
}

func TestCardsThatABoardCannotHold(t *testing.T) {
	r := newRig(t)
	good := models.DoorCard{Number: 1, From: day(24), Until: day(25), Doors: []models.ID{gate}}
	for _, test := range []struct {
		name   string
		change func(*models.DoorCard)
		want   error
	}{
		{"number 0", func(card *models.DoorCard) { card.Number = 0 }, models.ErrDoorCredential},
		{"the deleted number", func(card *models.DoorCard) { card.Number = 0xffffffff }, models.ErrDoorCredential},
		{"the noise number", func(card *models.DoorCard) { card.Number = 0x00ffffff }, models.ErrDoorCredential},
		{"no time", func(card *models.DoorCard) { card.Until = card.From }, models.ErrDoorCredential},
		{"no door", func(card *models.DoorCard) { card.Doors = nil }, models.ErrDoorCredential},
		{"a foreign door", func(card *models.DoorCard) { card.Doors = []models.ID{elsewhere} }, models.ErrDoorUnknown},
		{"from within a day", func(card *models.DoorCard) { card.From = card.From.Add(time.Minute) }, models.ErrDoorWholeDays},
		{"until within a day", func(card *models.DoorCard) { card.Until = card.Until.Add(-time.Minute) }, models.ErrDoorWholeDays},
		{"midnight elsewhere", func(card *models.DoorCard) { card.From = utc(2026, 11, 24, 0, 0, 0) }, models.ErrDoorWholeDays},
		{"a year with three digits", func(card *models.DoorCard) { card.From = card.From.AddDate(-1100, 0, 0) }, models.ErrDoorCredential},
	} {
		card := good
		test.change(&card)
		if err := r.driver.PutCard(t.Context(), card); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if r.heard.count(putCard) != 0 {
		t.Error("the board was asked")
	}
	if err := r.driver.PutCard(t.Context(), good); err != nil {
		t.Error(err)
	}
}

func TestStatusNeverGuesses(t *testing.T) {
	r := newRig(t, func(config *Config, _ *SimulatorConfig) { config.Doors[0].Contact = false })
	if able := r.driver.Capabilities(); able.KnowsPosition || able.ReportsAlarms || able.ReportsTamper || able.ExpiresCommands || able.HoldsCodes || able.TriedOnHardware {
		t.Errorf("too much is promised: %+v", able)
	}
	without, err := r.driver.Status(t.Context(), frontDoor)
	if err != nil || without.Position != models.PositionUnknown || without.Alarm != models.AlarmUnknown || without.Tamper != models.TamperUnknown {
		t.Errorf("without a contact: %+v %v", without, err)
	}
	with, err := r.driver.Status(t.Context(), gate)
	if err != nil || with.Position != models.PositionClosed || with.Lock != models.LockLocked || with.Mode != models.ModeLocked || with.Fault != models.FaultNone {
		t.Errorf("with a contact: %+v %v", with, err)
	}
	if _, err := r.driver.Open(t.Context(), r.command(gate, time.Minute)); err != nil {
		t.Fatal(err)
	}
	if drawn, err := r.driver.Status(t.Context(), gate); err != nil || drawn.Lock != models.LockUnlocked || drawn.Mode != models.ModeAccessed {
		t.Errorf("drawn: %+v %v", drawn, err)
	}
	for mode, want := range map[byte]models.DoorMode{normallyOpen: models.ModeUnlocked, normallyClosed: models.ModeBlocked, 9: models.ModeUnknown} {
		if err := r.driver.Board().SetControl(t.Context(), 3, Control{Mode: mode, Delay: 1}); err != nil {
			t.Fatal(err)
		}
		if status, err := r.driver.Status(t.Context(), gate); err != nil || status.Mode != want {
			t.Errorf("mode %d: %+v %v", mode, status, err)
		}
	}
	if _, err := r.driver.Status(t.Context(), elsewhere); !errors.Is(err, models.ErrDoorUnknown) {
		t.Errorf("a foreign door: %v", err)
	}
}

func TestHealthAndTime(t *testing.T) {
	r := newRig(t)
	r.simulator.Skew(90 * time.Second)
	health, err := r.driver.Health(t.Context())
	if err != nil || !health.Online || health.Firmware != "8.92" || health.ClockDrift != 90*time.Second || health.Fault != models.FaultNone {
		t.Errorf("%+v %v", health, err)
	}
	if err := r.driver.SetTime(t.Context()); err != nil {
		t.Fatal(err)
	}
	if shown, err := r.driver.Board().Time(t.Context()); err != nil || !shown.Equal(r.clock.now()) {
		t.Errorf("the board shows %v, it is %v, %v", shown, r.clock.now(), err)
	}
	r.lose(func(Function, bool) bool { return true })
	if health, err := r.driver.Health(t.Context()); !errors.Is(err, models.ErrDoorUnreachable) || health.Online {
		t.Errorf("away: %+v %v", health, err)
	}
}

func TestDiscoverFindsTheBoardOnce(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	found, err := Discover(ctx, r.simulator.Address().String(), netip.Addr{})
	if err != nil || len(found) != 1 || found[0].Serial != python || found[0].Firmware != "8.92" {
		t.Errorf("%+v %v", found, err)
	}
}

// By broadcast the serial number says who is meant.
func TestBoardBehindABroadcast(t *testing.T) {
	r := newRig(t, func(config *Config, _ *SimulatorConfig) { config.Broadcast = true })
	if outcome, err := r.driver.Open(t.Context(), r.command(frontDoor, time.Minute)); err != nil || outcome.State != models.CommandOpened {
		t.Errorf("%+v %v", outcome, err)
	}
}

func TestConfigurationsThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no serial":       func(config *Config) { config.Serial = 0 },
		"no zone":         func(config *Config) { config.Zone = nil },
		"IPv6":            func(config *Config) { config.Address = "[::1]:60000" },
		"a name":          func(config *Config) { config.Address = "board.example" },
		"no doors":        func(config *Config) { config.Doors = nil },
		"door 5":          func(config *Config) { config.Doors = []Door{{ID: gate, Number: 5}} },
		"door 0":          func(config *Config) { config.Doors = []Door{{ID: gate}} },
		"a door twice":    func(config *Config) { config.Doors = []Door{{ID: gate, Number: 1}, {ID: gate, Number: 2}} },
		"a number twice":  func(config *Config) { config.Doors = []Door{{ID: gate, Number: 1}, {ID: frontDoor, Number: 1}} },
		"nobody reaches":  func(config *Config) { config.Listener = &Listener{} },
		"sends from IPv6": func(config *Config) { config.Bind = netip.IPv6Loopback() },
	} {
		r := newRig(t)
		config := r.driver.config
		config.Address = "127.0.0.1"
		change(&config)
		if _, err := NewDriver(config); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// Whatever arrives, decoding ends, and never gives what it was not sent.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"17200000 2d553919 39000000 01000301 aae85d00 20190419170009 06 01000101 00000101 09 143702 11000000 21000000 2b 04 01 190420",
		"19200000 2d553919 39000000 01000301 aae85d00 20190419170009 06 01000101", "17b00000 78372a18 00000000 ff",
		"175a0000 78372a18 a2987c00 20230101 20231231 01001d01 6b1d00", "17980000 2d553919 04 20210401 20211229",
		"17940000 78372a18 c0a80164 ffffff00 c0a80101 001223344556 0892 20181105", "17320000 78372a18 20219999999999",
	} {
		f.Add(literal(f, seed))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		read, err := parse(datagram)
		if err != nil {
			return
		}
		if len(datagram) != size || datagram[0] != start && datagram[0] != startV662 {
			t.Fatal("junk is taken")
		}
		status := decodeStatus(read, shanghai)
		if !status.Clock.IsZero() {
			again := read
			again.putDecimals(51, status.Clock.Year()%100, int(status.Clock.Month()), status.Clock.Day())
			again.putDecimals(37, status.Clock.Hour(), status.Clock.Minute(), status.Clock.Second())
			if again != read {
				t.Fatalf("%x is not the time %v", read, status.Clock)
			}
		}
		if at, err := read.datetime(8, shanghai); err == nil && !at.IsZero() {
			if again := read; true {
				if again.putDatetime(8, at); again != read {
					t.Fatalf("%x is not the time %v", read, at)
				}
			}
		}
		_ = decodeEvent(read, shanghai)
		_, _ = decodeCard(read, shanghai)
		_ = decodeController(read, shanghai)
		_, _ = decodeProfile(read, shanghai)
	})
}
