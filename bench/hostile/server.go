package hostile

import (
	"context"
	"slices"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// server is the product's side: its link, and the commands as its database has them.
type server struct {
	world    *world
	link     *doors.Link
	off      bool          // it is restarting
	offset   time.Duration // of its clock
	sessions map[models.ID]string
	commands map[models.ID]*command
}

// command is one wish, what the server knows of it, and what is true.
type command struct {
	models.DoorCommand
	sent   doors.Command
	signed time.Duration // true time
	offset time.Duration // of the server's clock at that time
	moves  int           // of relays
	valid  bool          // a delivery had to open it
}

func newServer(world *world) *server {
	made := &server{world: world, sessions: map[models.ID]string{}, commands: map[models.ID]*command{}}
	made.start()
	return made
}

func (s *server) now() time.Time { return s.world.begun.Add(s.world.passed + s.offset) }

// start begins a process: what is not in the database is gone.
func (s *server) start() {
	config := doors.LinkConfig{
		URL: "mqtt://broker:1883", User: "server", Sign: s.world.keys.SignDoorCommand, Sink: s, Now: s.now,
		Logger: s.world.logger, Elapsed: func() time.Duration { return s.world.passed },
	}
	if s.world.is(FaultServerStep) {
		config.Elapsed = nil
	}
	link, err := doors.NewLink(config)
	if err != nil {
		panic(err) // a mistake in the lines above
	}
	s.link, s.off = link, false
}

// open is what handlers.OpenDoor does: the command is on disk before anything leaves, and leaves once.
func (s *server) open(at *controller) {
	if s.off {
		return
	}
	nonce := s.sessions[at.id]
	if s.world.is(FaultBehind) && nonce == "" && at.panel != nil {
		nonce = at.panel.Nonce()
	}
	life := models.DoorCommandLife
	action := doors.ActionOpen
	switch lot := s.world.lot.Float64(); {
	case lot < 0.05:
		life = doors.MaxLifetime
	case lot < 0.07: // a server that has gone wrong: it signs what it must not
		life = time.Hour
	case lot < 0.08: // or is of a later version
		action = "hold_open"
	}
	made := &command{signed: s.world.passed, offset: s.offset}
	made.DoorCommand = models.DoorCommand{
		ID: s.world.id(), DoorID: at.known[s.world.lot.IntN(2)], DeviceID: at.id, State: models.CommandRequested,
		RequestedAt: s.now(), ExpiresAt: s.now().Add(life),
	}
	s.commands[made.ID] = made
	s.world.after(life+models.DoorCommandGrace, func() { s.move(made, models.CommandUnknown) })
	made.sent = doors.Command{
		ID: made.ID, DoorID: made.DoorID, DeviceID: at.id, Action: action, IssuedAt: made.RequestedAt,
		ExpiresAt: made.ExpiresAt, Nonce: nonce,
	}
	message, _, err := s.link.Seal(at.id, made.sent)
	if err != nil {
		s.move(made, models.CommandFailed)
		return
	}
	s.world.result.Signed++
	s.world.broker.command(letter{Message: message, of: made, to: at})
	if s.world.chance(0.999) { // else it stopped between sending and noting that it sent
		s.move(made, models.CommandSent)
	} else {
		s.restart()
	}
}

// move is store.MoveDoorCommand in memory.
func (s *server) move(of *command, to models.DoorCommandState) {
	if slices.Contains(models.CommandBefore(to), of.State) {
		of.State = to
	}
}

func (s *server) restart() {
	s.off = true
	s.world.after(s.world.anything(200*time.Millisecond, 5*time.Second), s.start)
	s.world.result.Restarts++
}

// trouble is what befalls a server.
func (s *server) trouble() {
	s.again(2*time.Hour, s.restart)
	s.again(time.Hour, func() {
		s.step(s.world.wrongTime())
		s.world.after(s.world.exponential(5*time.Minute), func() { s.step(0) })
	})
}

func (s *server) again(mean time.Duration, what func()) {
	s.world.after(s.world.exponential(mean), func() {
		if !s.world.asking() {
			return
		}
		if !s.off {
			what()
		}
		s.again(mean, what)
	})
}

func (s *server) step(offset time.Duration) {
	s.offset = offset
	s.world.result.ServerSteps++
}

// receive takes a report from the broker; nobody keeps it for a server that is away.
func (s *server) receive(message doors.Message) {
	if !s.off {
		_ = s.link.Receive(context.Background(), message) // what it does not understand it reads over
	}
}

// Hello implements doors.Sink as main does.
func (s *server) Hello(_ context.Context, device models.ID, nonce, _ string, _ time.Time) error {
	s.sessions[device] = nonce
	return nil
}

// Bye implements doors.Sink: a session that is over stays in the database, and its commands open nothing.
func (*server) Bye(context.Context, models.ID, string) error { return nil }

// Acknowledged implements doors.Sink as handlers do.
func (s *server) Acknowledged(_ context.Context, device models.ID, ack doors.Ack) error {
	of, known := s.commands[ack.ID]
	if !known || of.DeviceID != device || of.DoorID != ack.DoorID {
		return nil
	}
	state := models.CommandFailed
	if ack.Result == doors.ResultOpened {
		state = models.CommandOpened
	}
	s.move(of, state)
	return nil
}

// Happened implements doors.Sink.
func (*server) Happened(context.Context, models.ID, doors.Event) error { return nil }

func (s *server) said() (count int) {
	for _, one := range s.commands {
		if one.State == models.CommandOpened {
			count++
		}
	}
	return count
}

// untrue counts the doors that are said to have opened and did not.
func (s *server) untrue() (count int) {
	for _, one := range s.commands {
		if one.State == models.CommandOpened && one.moves == 0 {
			count++
		}
	}
	return count
}

// denied counts the doors that are said not to have opened and did: the answer that came first was that to a copy,
// from a controller which had lost its memory meanwhile.
func (s *server) denied() (count int) {
	for _, one := range s.commands {
		if one.State == models.CommandFailed && one.moves > 0 {
			count++
		}
	}
	return count
}
