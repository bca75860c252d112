package push

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"xunfang/models"
)

// memoryOutbox keeps deliveries as a database would: leased to one owner, fenced when finished.
type memoryOutbox struct {
	mu           sync.Mutex
	rows         []*memoryRow
	forgotten    map[models.ID]bool // people whose address is gone
	ignoreLeases bool               // the negative control
	failFinish   int                // how many finishes fail from now on
	failClaim    int
	fenced       int // results that came after their lease
	ledger       []models.DeliveryResult
}

type memoryRow struct {
	Delivery
	state  State // "" while it waits
	reason string
	nextAt time.Time
	owner  string
	until  time.Time
}

func newMemoryOutbox(count int, now time.Time, change func(at int, d *Delivery)) *memoryOutbox {
	outbox := &memoryOutbox{forgotten: map[models.ID]bool{}}
	for at := range count {
		delivery := Delivery{
			ID: models.ID(fmt.Sprintf("01939c1e-8a00-7000-8000-%012d", at)), PersonID: models.ID(fmt.Sprintf("p%d", at)),
			InstallationID: "phone", Kind: "fcm_token",
			Message: testMessage(func(m *Message) {
				m.AlertID = models.ID(fmt.Sprintf("01939c1e-8a00-7000-9000-%012d", at))
				m.Address, m.ExpiresAt = models.Secret(fmt.Sprintf("token-%d", at)), now.Add(time.Hour)
			}),
		}
		if change != nil {
			change(at, &delivery)
		}
		outbox.rows = append(outbox.rows, &memoryRow{Delivery: delivery, nextAt: now})
	}
	return outbox
}

func (o *memoryOutbox) ClaimShares(ctx context.Context, owner string, shares []models.DeliveryShare, lease time.Duration, now time.Time) ([]Delivery, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failClaim > 0 {
		o.failClaim--
		panic("the database is away") // worse than an error
	}
	due := []*memoryRow{}
	for _, row := range o.rows {
		held := row.owner != "" && now.Before(row.until)
		if row.state == "" && !now.Before(row.nextAt) && (!held || o.ignoreLeases) {
			due = append(due, row)
		}
	}
	slices.SortStableFunc(due, func(a, b *memoryRow) int {
		return cmp.Compare(models.Urgency(a.Message.Severity), models.Urgency(b.Message.Severity))
	})
	claimed := []Delivery{}
	for _, share := range shares {
		limit, ordinary := share.Limit, share.Ordinary
		for _, row := range due {
			urgent := models.Urgency(row.Message.Severity) == 0
			if !slices.Contains(share.Channels, models.ChannelOf(row.Kind)) || limit == 0 || !urgent && ordinary == 0 {
				continue
			}
			limit--
			if !urgent {
				ordinary--
			}
			row.owner, row.until = owner, now.Add(lease)
			row.Attempt++
			claimed = append(claimed, row.Delivery)
		}
	}
	return claimed, ctx.Err()
}

func (o *memoryOutbox) FinishDeliveries(ctx context.Context, owner string, results []Result, now time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failFinish > 0 {
		o.failFinish--
		return errors.New("the database is busy")
	}
	for _, result := range results {
		at := slices.IndexFunc(o.rows, func(row *memoryRow) bool { return row.ID == result.Delivery.ID })
		row := o.rows[at]
		if row.state != "" || row.owner != owner || row.Attempt != result.Delivery.Attempt || now.After(row.until) {
			o.fenced++
			continue
		}
		o.ledger = append(o.ledger, result.Row())
		row.owner, row.reason = "", result.Outcome.Reason
		if result.Outcome.State == StateRetry {
			row.nextAt = result.NextAt
			if result.Counted {
				row.Spent++
			}
			continue
		}
		row.state = result.Outcome.State
		if result.Outcome.State == StateGone {
			o.forgotten[row.PersonID] = true
		}
	}
	return ctx.Err()
}

// waiting counts the deliveries that have not ended.
func (o *memoryOutbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	count := 0
	for _, row := range o.rows {
		if row.state == "" {
			count++
		}
	}
	return count
}

// ends counts the deliveries by state and reason.
func (o *memoryOutbox) ends() map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	ends := map[string]int{}
	for _, row := range o.rows {
		ends[string(row.state)+":"+row.reason]++
	}
	return ends
}

func (o *memoryOutbox) row(at int) memoryRow {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.rows[at]
}
