package models

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Widening is whom a rung adds to those who were told.
type Widening string

// The widenings, from the narrowest.
const (
	WidenNone      Widening = "none"      // those who were told, and have not acknowledged
	WidenDeputy    Widening = "deputy"    // the officers who lead the place
	WidenSquad     Widening = "squad"     // everybody on duty at the station
	WidenCommander Widening = "commander" // who commands it
)

var widenings = []Widening{WidenNone, WidenDeputy, WidenSquad, WidenCommander}

// Bounds of ladders.
const (
	MaxRungs       = 8
	MaxRepeats     = 20
	MinRepeat      = 30 * time.Second // sooner, a phone would not stop ringing
	MaxLadder      = 24 * time.Hour   // from the alert to its last step
	CommanderByMax = 30 * time.Minute // by then an emergency that nobody answers is with the commander
)

// Rung is one step of a ladder: whom to tell, by what, and how often again.
type Rung struct {
	After       time.Duration
	Channels    []string // the most wanted first; all are used
	RepeatEvery time.Duration
	Repeats     int
	Widen       Widening
}

// Ladders are a station's, by severity. An alert that nobody need acknowledge has the first rung only.
type Ladders struct {
	Rungs     map[string][]Rung
	Version   int       // how often they were set; 0: these are the defaults
	UpdatedAt time.Time // zero: never
}

// Severities are those of alerts, least first.
var Severities = []string{SeverityInfo, SeverityNormal, SeverityHigh, SeverityEmergency}

// DefaultLadders are right for a station: a message does not climb, an alarm at night is with the commander within six minutes.
func DefaultLadders() Ladders {
	quiet := []string{ChannelStream, ChannelFCM, ChannelHMS, ChannelWeChat}
	loud := append(slices.Clone(quiet), ChannelSMS)
	every := append(slices.Clone(loud), ChannelVoice)
	return Ladders{Rungs: map[string][]Rung{
		SeverityInfo:   {{Channels: quiet, Widen: WidenNone}},
		SeverityNormal: {{Channels: quiet, RepeatEvery: time.Hour, Repeats: 2, Widen: WidenNone}},
		SeverityHigh: {
			{Channels: quiet, RepeatEvery: 5 * time.Minute, Repeats: 1, Widen: WidenNone},
			{After: 10 * time.Minute, Channels: loud, RepeatEvery: 5 * time.Minute, Repeats: 1, Widen: WidenDeputy},
			{After: 20 * time.Minute, Channels: loud, Widen: WidenSquad},
			{After: 30 * time.Minute, Channels: every, RepeatEvery: 10 * time.Minute, Repeats: 2, Widen: WidenCommander},
		},
		SeverityEmergency: {
			{Channels: quiet, RepeatEvery: 30 * time.Second, Repeats: 2, Widen: WidenNone},
			{After: 90 * time.Second, Channels: loud, RepeatEvery: time.Minute, Repeats: 1, Widen: WidenDeputy},
			{After: 210 * time.Second, Channels: every, Widen: WidenSquad},
			{After: 330 * time.Second, Channels: every, RepeatEvery: 2 * time.Minute, Repeats: 5, Widen: WidenCommander},
		},
	}}
}

// Check refuses ladders that contradict themselves; what each number may be by itself is in the contract.
func (l Ladders) Check() error {
	fields := []FieldError{}
	for _, severity := range Severities {
		fields = append(fields, CheckRungs(severity, severity, l.Rungs[severity])...)
	}
	if len(fields) == 0 {
		return nil
	}
	return Fail(CodeUnprocessable).WithFields(fields...)
}

// CheckRungs says what is wrong about one ladder, under the name of its field.
func CheckRungs(field, severity string, rungs []Rung) []FieldError {
	wrong := []FieldError{}
	refuse := func(name string, code FieldCode, want string) {
		wrong = append(wrong, FieldError{Field: name, Code: code, Want: want})
	}
	if len(rungs) == 0 {
		refuse(field, FieldRequired, "")
		return wrong
	}
	for at, rung := range rungs {
		name := Indexed(field, at)
		switch {
		case at == 0 && rung.After != 0:
			refuse(name+".after_s", FieldTooLarge, "<= 0")
		case at > 0 && rung.After <= rungs[at-1].After:
			refuse(name+".after_s", FieldTooSmall, "> "+seconds(rungs[at-1].After))
		}
		if at > 0 && slices.Index(widenings, rung.Widen) < slices.Index(widenings, rungs[at-1].Widen) {
			refuse(name+".widen", FieldNotAllowed, ">= "+string(rungs[at-1].Widen))
		}
		switch {
		case rung.Repeats > 0 && rung.RepeatEvery < MinRepeat:
			refuse(name+".repeat_every_s", FieldTooSmall, ">= "+seconds(MinRepeat))
		case rung.Repeats == 0 && rung.RepeatEvery > 0:
			refuse(name+".repeat_every_s", FieldNotAllowed, "repeats > 0")
		case rung.After+time.Duration(rung.Repeats)*rung.RepeatEvery > MaxLadder:
			refuse(name+".repeats", FieldTooLarge, "after_s + repeats * repeat_every_s <= "+seconds(MaxLadder))
		}
	}
	if severity != SeverityEmergency {
		return wrong
	}
	last := len(rungs) - 1
	top := slices.IndexFunc(rungs, func(rung Rung) bool { return rung.Widen == WidenCommander })
	switch {
	case top < 0:
		refuse(Indexed(field, last)+".widen", FieldRequired, string(WidenCommander))
	case rungs[top].After > CommanderByMax:
		refuse(Indexed(field, top)+".after_s", FieldTooLarge, "<= "+seconds(CommanderByMax))
	}
	return wrong
}

func seconds(period time.Duration) string { return strconv.Itoa(int(period / time.Second)) }

// Climbs says whether an alert goes up its ladder: what somebody sent to the holders of roles, and wants an answer to. What the
// service tells people by name is theirs alone, and has its own ways of being told again.
func (a Alert) Climbs() bool {
	wants := a.RequiresAck || a.Severity == SeverityHigh || a.Severity == SeverityEmergency
	return wants && a.SenderID != "" && len(a.Audience.Roles) > 0
}

// LadderStep is one moment of a ladder's life.
type LadderStep struct {
	At       time.Time
	Rung     int
	Repeat   int // 0: the rung itself
	Channels []string
	Widen    []Widening // whom it adds; nobody at a repeat
}

// Timeline is everything that happens from an alert on while nobody answers, in order; nothing at its end or after.
func Timeline(rungs []Rung, from, end time.Time) []LadderStep {
	steps := []LadderStep{}
	for at, rung := range rungs {
		for repeat := range rung.Repeats + 1 {
			step := LadderStep{
				At: from.Add(rung.After + time.Duration(repeat)*rung.RepeatEvery), Rung: at, Repeat: repeat, Channels: rung.Channels,
			}
			if repeat == 0 && rung.Widen != WidenNone {
				step.Widen = []Widening{rung.Widen}
			}
			if step.At.Before(end) {
				steps = append(steps, step)
			}
		}
	}
	slices.SortStableFunc(steps, func(left, right LadderStep) int {
		return cmp.Or(left.At.Compare(right.At), cmp.Compare(left.Rung, right.Rung))
	})
	return steps
}

// Due joins all steps from the next one on that are due at now, so that whoever was late tells everybody once; and gives the
// step after them, which may be none.
func Due(steps []LadderStep, next int, now time.Time) (due LadderStep, after int) {
	after = next
	for ; after < len(steps) && !steps[after].At.After(now); after++ {
		step := steps[after]
		step.Widen = append(slices.Clone(due.Widen), step.Widen...)
		for _, channel := range due.Channels {
			if !slices.Contains(step.Channels, channel) {
				step.Channels = append(slices.Clone(step.Channels), channel)
			}
		}
		due = step
	}
	return due, after
}

// Climb is where one alert stands on its ladder, which is the one that held when it was sent.
type Climb struct {
	AlertID   ID
	StationID ID
	Rungs     []Rung
	Step      int // the next
	DueAt     time.Time
	ChangedAt time.Time
	Ended     string // why it ended; "" while it climbs
}

// Why a climb ended.
const (
	ClimbAcknowledged = "acknowledged"
	ClimbCancelled    = "cancelled"
	ClimbExpired      = "expired"
	ClimbTopped       = "topped" // nothing is left to do
)

// NewClimb is that of an alert; false when it has nothing to climb. What is at once is done by sending it.
func NewClimb(alert Alert, rungs []Rung) (Climb, bool) {
	steps := Timeline(rungs, alert.CreatedAt, alert.ExpiresAt)
	if !alert.Climbs() || len(steps) < 2 {
		return Climb{}, false
	}
	return Climb{
		AlertID: alert.ID, StationID: alert.Audience.Place.Station, Rungs: rungs, Step: 1, DueAt: steps[1].At, ChangedAt: alert.CreatedAt,
	}, true
}

// Next decides what is done with a climb that is due: why it ends, or what is done and how it stands afterwards.
func (c Climb) Next(alert Alert, now time.Time) (LadderStep, Climb) {
	c.ChangedAt = now
	switch {
	case !alert.CancelledAt.IsZero():
		c.Ended = ClimbCancelled
	case alert.Acknowledged > 0:
		c.Ended = ClimbAcknowledged
	case !now.Before(alert.ExpiresAt):
		c.Ended = ClimbExpired
	}
	if c.Ended != "" {
		return LadderStep{}, c
	}
	steps := Timeline(c.Rungs, alert.CreatedAt, alert.ExpiresAt)
	due, next := Due(steps, c.Step, now)
	c.Step = next
	if c.DueAt, c.Ended = (time.Time{}), ClimbTopped; next < len(steps) {
		c.DueAt, c.Ended = steps[next].At, ""
	}
	return due, c
}
