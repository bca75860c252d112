package handlers

import (
	"context"
	"sync"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// signIn is the deed of signing in; the name or number that was tried stands in it as a salted hash.
// home is the station of whoever was tried. Where that is nobody, the only station there is has it in
// its chain, and where there are several none can say whose it is.
func (h *Server) signIn(ctx context.Context, kind, tried string, home models.ID) (*deed, error) {
	what := &deed{operation: opCreateToken, kind: "session", subjects: []string{h.Keys.AuditHash(kind, tried)}}
	return what, h.settleStation(ctx, what, home)
}

// settleStation says in whose chain a deed goes. The database is asked in any case, so that the
// time it takes does not tell whether somebody is known.
func (h *Server) settleStation(ctx context.Context, what *deed, home models.ID) error {
	only, err := h.only.get("", api.From(ctx).Now, func() (models.ID, error) {
		stations, err := h.Store.Stations(ctx)
		if err != nil || len(stations) != 1 {
			return "", err
		}
		return stations[0].ID, nil
	})
	what.station = only
	if home != "" {
		what.station = home
	}
	return err
}

// slowed records that somebody was told to wait, at most once a minute for the same deed about the same
// account or phone, so that a flood cannot fill the audit, and gives the refusal back.
func (h *Server) slowed(ctx context.Context, what *deed, refusal error) error {
	now := api.From(ctx).Now
	if !h.slowing.first(string(what.operation)+what.subjects[0], now) {
		return refusal
	}
	if err := h.Store.RecordAlone(ctx, h.entry(ctx, what, refusal), ""); err != nil {
		return err
	}
	return refusal
}

// minuteBook knows what was already noted within the present minute.
type minuteBook struct {
	mutex  sync.Mutex
	minute int64
	noted  map[string]bool
}

const maxNoted = 10_000

// first says whether the key comes for the first time in its minute. It says no, too, when
// there were too many others.
func (b *minuteBook) first(key string, now time.Time) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if minute := now.Unix() / 60; minute > b.minute || b.noted == nil {
		b.minute, b.noted = minute, map[string]bool{}
	}
	if b.noted[key] || len(b.noted) >= maxNoted {
		return false
	}
	b.noted[key] = true
	return true
}

// signInBook remembers the tries at accounts for models.SignInWait. It has two generations: when the
// young one is full it becomes the old one, and what was not used since is forgotten, so that
// a guesser cannot wipe out what is remembered by making noise about a few names.
type signInBook struct {
	mutex sync.Mutex
	young map[string]*signInPage
	old   map[string]*signInPage
}

// signInPage is one account.
type signInPage struct {
	tries   []models.SignInTry
	trusted map[string]time.Time // network → when its last sign-in stops counting
}

const (
	maxSignInPages = 50_000
	maxTrusted     = 16
)

// reserve counts a try before it is made, so that of many at once no more are made than are free;
// or it says how long to wait, and then nothing is counted.
func (b *signInBook) reserve(account, network string, now time.Time) time.Duration {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	page := b.page(account)
	for len(page.tries) > 0 && now.Sub(page.tries[0].At) >= models.SignInWindow {
		page.tries = page.tries[1:]
	}
	wait := models.SignInWait(page.tries, network, now.Before(page.trusted[network]), now)
	if wait == 0 {
		page.tries = append(page.tries, models.SignInTry{Network: network, At: now})
	}
	return wait
}

// release takes back a reservation whose try was not made.
func (b *signInBook) release(account, network string, reserved time.Time) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	page := b.page(account)
	for at := len(page.tries) - 1; at >= 0; at-- {
		if page.tries[at] == (models.SignInTry{Network: network, At: reserved}) {
			page.tries = append(page.tries[:at:at], page.tries[at+1:]...)
			return
		}
	}
}

// succeeded forgets what failed from the holder's network, and trusts it.
func (b *signInBook) succeeded(account, network string, now time.Time) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	page, others := b.page(account), []models.SignInTry{}
	for _, try := range page.tries {
		if try.Network != network {
			others = append(others, try)
		}
	}
	if page.trusted == nil || len(page.trusted) >= maxTrusted {
		page.trusted = map[string]time.Time{}
	}
	page.tries, page.trusted[network] = others, now.Add(models.SignInTrust)
}

func (b *signInBook) page(account string) *signInPage {
	if page := b.young[account]; page != nil {
		return page
	}
	page := b.old[account]
	if page == nil {
		page = &signInPage{}
	}
	if b.young == nil || len(b.young) >= maxSignInPages {
		b.old, b.young = b.young, map[string]*signInPage{}
	}
	b.young[account] = page
	return page
}
