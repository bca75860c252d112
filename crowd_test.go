package main

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"xunfang/models"
)

// crowd is the people of a site at work, each with connections of their own.
type crowd struct {
	site    *site
	ledger  *ledger
	thanks  thanksLedger
	tokens  map[models.Role]string
	device  string
	over    atomic.Bool
	group   sync.WaitGroup
	refused func(lost)
}

// lost is a request to which no answer came, with what it would have written: ids, or an Idempotency-Key.
type lost struct {
	err error
	ids []models.ID
	key string
}

// Error implements error.
func (l lost) Error() string { return l.err.Error() }

// newCrowd signs everybody in; their tokens hold for ten minutes, restarts or not.
func newCrowd(t testing.TB, s *site, base string) *crowd {
	t.Helper()
	made := &crowd{site: s, ledger: newLedger(), thanks: newThanksLedger(), tokens: map[models.Role]string{}, refused: func(lost) {}}
	for _, role := range []models.Role{models.RoleOfficer, models.RoleVolunteer, models.RoleResident, models.RoleCommander} {
		who := s.signedIn(base, role)
		made.tokens[role] = who.token
		who.close()
	}
	terminal := s.terminal(base)
	made.device = terminal.token
	terminal.close()
	return made
}

func (c *crowd) as(base, token string) *caller {
	made := newCaller(base)
	made.token = token
	return made
}

// work sets everybody to work at a server until rest, or until they lose it.
func (c *crowd) work(base string) {
	c.over.Store(false)
	jobs := []struct {
		token string
		once  func(*caller) error
	}{
		{c.tokens[models.RoleOfficer], func(who *caller) error { return c.patrol(who, 1) }},
		{c.tokens[models.RoleVolunteer], func(who *caller) error { return c.patrol(who, 20) }},
		{c.tokens[models.RoleVolunteer], c.tip},
		{c.tokens[models.RoleResident], func(who *caller) error { return c.visit(base, who) }},
		{c.tokens[models.RoleCommander], c.alert},
		{"", func(*caller) error { return c.tellStory(base) }},
		{c.tokens[models.RoleVolunteer], c.upload},
		{"", c.untold},
	}
	for _, job := range jobs {
		c.group.Go(func() {
			who := c.as(base, job.token)
			defer who.close()
			for !c.over.Load() {
				if job.once(who) != nil {
					return
				}
			}
		})
	}
}

// rest waits for everybody's last answer.
func (c *crowd) rest() {
	c.over.Store(true)
	c.group.Wait()
}

// told says whether a whole answer with the status came; others are complained about.
func (c *crowd) told(got answer, err error, status int, ids []models.ID, key string) (bool, error) {
	if err != nil {
		c.refused(lost{err, ids, key})
		return false, err
	}
	c.ledger.note(func() { c.ledger.answers++ })
	if got.status == status {
		return true, nil
	}
	c.ledger.complain("answered %d: %s", got.status, got.body)
	return false, nil
}

func (c *crowd) patrol(who *caller, items int) error {
	ids := []models.ID{}
	for range items {
		ids = append(ids, newID())
	}
	got, err := who.send(http.MethodPost, "/v1/check-ins", c.site.batch(ids...))
	if good, err := c.told(got, err, 200, ids, ""); !good {
		return err
	}
	c.ledger.note(func() {
		for _, id := range ids {
			c.ledger.checkIns[id] = true
		}
	})
	return nil
}

func (c *crowd) tip(who *caller) error {
	id := newID()
	got, err := who.send(http.MethodPost, "/v1/tips", map[string]any{"id": id, "category": "theft", "description": "有人撬锁"})
	if good, err := c.told(got, err, 201, []models.ID{id}, ""); !good {
		return err
	}
	c.ledger.note(func() { c.ledger.tips[id] = true })
	return nil
}

func (c *crowd) alert(who *caller) error {
	request := keyed{path: "/v1/alerts", key: string(newID()), body: c.site.alert(), byOfficer: true}
	got, err := who.send(http.MethodPost, request.path, request.body, "Idempotency-Key", request.key)
	if err == nil {
		request.first = got
	}
	c.ledger.remember(request)
	if good, err := c.told(got, err, 201, nil, request.key); !good {
		return err
	}
	c.ledger.note(func() { c.ledger.alerts[models.ID(got.field("id"))] = true })
	return nil
}

// visit makes a one-time code and tries it at the door three times at once.
func (c *crowd) visit(base string, who *caller) error {
	request := keyed{path: "/v1/visitor-passes", key: string(newID()), body: c.site.pass()}
	got, err := who.send(http.MethodPost, request.path, request.body, "Idempotency-Key", request.key)
	if err == nil {
		request.first = got
	}
	c.ledger.remember(request)
	if good, err := c.told(got, err, 201, nil, request.key); !good {
		return err
	}
	code, pass := got.field("code"), models.ID(got.field("id"))
	c.ledger.note(func() { c.ledger.passes[pass], c.ledger.passOf[code] = true, pass })
	var tries sync.WaitGroup
	errs := make([]error, 3)
	for at := range errs {
		tries.Go(func() {
			terminal := c.as(base, c.device)
			defer terminal.close()
			errs[at] = c.enter(terminal, code)
		})
	}
	tries.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// enter types a code in at the gate.
func (c *crowd) enter(terminal *caller, code string) error {
	request := keyed{
		path: "/v1/doors/" + string(c.site.gate) + "/code-entries", key: string(newID()),
		body: map[string]any{"code": code}, byTerminal: true,
	}
	got, err := terminal.send(http.MethodPost, request.path, request.body, "Idempotency-Key", request.key)
	if err == nil {
		request.first = got
	}
	c.ledger.remember(request)
	if good, err := c.told(got, err, 200, nil, request.key); !good {
		return err
	}
	if got.field("decision") == models.DecisionOpen {
		c.ledger.note(func() { c.ledger.opened[code]++ })
	}
	return nil
}
