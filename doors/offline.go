package doors

import (
	"errors"
	"sync"
	"time"

	"xunfang/models"
)

// Errors of OfflinePanel.Accept.
var (
	ErrSerialBack = errors.New("doors: an older list than the one held")
	ErrOtherList  = errors.New("doors: another list under the serial that is held")
)

// OfflineConfig is what an OfflinePanel is made of. The functions are those of package auth, with the controller's own keys.
type OfflineConfig struct {
	DeviceID   models.ID
	VerifyList func(jws string) (models.AllowList, error)
	VerifyPass func(text string) (models.SignedPass, error)
	Hash       func(list models.AllowList, code models.VisitorCode) string
	NewID      func() models.ID
	Now        func() time.Time     // the controller's own clock
	Elapsed    func() time.Duration // time that goes by, whatever the clock is set to; nil: see newSteps
}

// OfflineUse is one opening that the server does not know of yet.
type OfflineUse struct {
	ID     models.ID // the event's: the same whenever it is sent
	DoorID models.ID
	Pass   string // its reference
	At     time.Time
	told   bool // the server has answered
}

// OfflinePanel is what a controller decides while it cannot reach the server, as docs/offline-doors.md says it. Leaving never
// depends on it: see Lock.
type OfflinePanel struct {
	config OfflineConfig

	mutex  sync.Mutex
	steps  *steps
	jws    string
	list   models.AllowList
	since  time.Duration // on the counter, when the list was accepted
	uses   []OfflineUse  // that the list may not know of
	paused time.Duration // on the counter, until when no typed code is judged
	lapsed bool          // the clock was set since
}

// NewOfflinePanel makes one without a list, and so one that opens nothing.
func NewOfflinePanel(config OfflineConfig) *OfflinePanel {
	steps := newSteps(config.Now, config.Elapsed)
	return &OfflinePanel{config: config, steps: steps, paused: steps.elapsed() + models.OfflinePause}
}

// Accept takes a list that came from the server. asked is the number of uses that the server had acknowledged when the list was
// asked for (Told): the list knows of them. A forged one, and one older than that held, changes nothing.
func (p *OfflinePanel) Accept(jws string, asked int) error {
	list, err := p.config.VerifyList(jws)
	if err != nil {
		return err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch {
	case list.Serial < p.list.Serial:
		return ErrSerialBack
	case list.Serial == p.list.Serial && jws != p.jws:
		return ErrOtherList
	}
	if list.Serial > p.list.Serial {
		kept := []OfflineUse{}
		for _, use := range p.uses {
			if use.told && asked > 0 {
				asked--
				continue
			}
			kept = append(kept, use)
		}
		p.uses = kept
		p.since = p.steps.elapsed()
	}
	if p.lapsed || list.Serial > p.list.Serial { // who was lapsed compares with the clock as it is now
		p.steps.begin()
	}
	p.jws, p.list, p.lapsed = jws, list, false
	return nil
}

// Held is the serial of the list held; 0 for none.
func (p *OfflinePanel) Held() int64 {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.list.Serial
}

// Type decides about a code typed with its extension.
func (p *OfflinePanel) Type(door models.ID, code models.VisitorCode) models.OfflineReason {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if why := p.holds(); why != "" {
		return why
	}
	if p.steps.elapsed() < p.paused {
		return models.OfflineWait
	}
	pass, why := p.list.OpenByCode(door, p.config.Hash(p.list, code), p.usedAt(door), p.config.Now())
	if why == models.OfflineUnknown {
		p.paused = p.steps.elapsed() + time.Duration(p.list.PauseS)*time.Second
	}
	return p.opened(door, pass, why)
}

// Scan decides about a signed QR code.
func (p *OfflinePanel) Scan(door models.ID, text string) models.OfflineReason {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if why := p.holds(); why != "" {
		return why
	}
	signed, err := p.config.VerifyPass(text)
	if err != nil {
		return models.OfflineUnsigned
	}
	pass, why := p.list.OpenBySigned(door, signed, p.usedAt(door), p.config.Now())
	return p.opened(door, pass, why)
}

// holds says whether the list may be decided by. Once the clock was set nobody knows what time the list ends at, until the server
// has been asked again.
func (p *OfflinePanel) holds() models.OfflineReason {
	if p.list.Serial > 0 && (p.lapsed || p.steps.set()) {
		p.lapsed = true
		return models.OfflineClock
	}
	return p.list.Holds(p.steps.elapsed()-p.since, p.config.Now())
}

// opened remembers a use before the relay moves.
func (p *OfflinePanel) opened(door models.ID, pass string, why models.OfflineReason) models.OfflineReason {
	if why == "" {
		p.uses = append(p.uses, OfflineUse{ID: p.config.NewID(), DoorID: door, Pass: pass, At: p.config.Now()})
	}
	return why
}

// usedAt counts the uses of a pass at one door: a use is a visit, and goes through each of the pass's doors once.
func (p *OfflinePanel) usedAt(door models.ID) func(pass string) int {
	return func(pass string) int {
		count := 0
		for _, use := range p.uses {
			if use.Pass == pass && use.DoorID == door {
				count++
			}
		}
		return count
	}
}

// Untold lists the uses that the server has not acknowledged, oldest first.
func (p *OfflinePanel) Untold() []OfflineUse {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	untold := []OfflineUse{}
	for _, use := range p.uses {
		if !use.told {
			untold = append(untold, use)
		}
	}
	return untold
}

// Told notes that the server has answered to all uses up to and with one, and gives how many of those kept it knows of.
func (p *OfflinePanel) Told(through models.ID) int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	told := 0
	for at := range p.uses {
		p.uses[at].told = true
		told++
		if p.uses[at].ID == through {
			break
		}
	}
	return told
}
