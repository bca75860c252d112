package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// The cases, by the names that --only takes.
const (
	caseOne    = "check-in-1"
	caseFifty  = "check-in-50"
	caseRedeem = "redeem"
	caseOpen   = "open-door"
	caseSignIn = "sign-in"
	caseList   = "list"
)

func caseNames() []string {
	return []string{caseOne, caseFifty, caseRedeem, caseOpen, caseRelay, caseSignIn, caseList, caseStreams, caseCover}
}

// apart are the cases that need neither database nor product running.
func apart() []string { return []string{caseNearest, caseHostile, caseFanout} }

// comparison is one case: the same thing asked of both programs, or the nearest the bare one has.
type comparison struct {
	items int // in one request of ours; the bare program's have one
	ours  traffic
	bare  traffic
	// stock makes beforehand what a round will use up; nil where nothing is.
	stock func(ctx context.Context, callers int, length time.Duration) error
}

func (r *rig) comparison(ctx context.Context, name string) (comparison, error) {
	switch name {
	case caseOne:
		return comparison{items: 1, ours: r.checkIns(1), bare: r.bareInsert()}, nil
	case caseFifty:
		return comparison{items: 50, ours: r.checkIns(50), bare: r.bareInsert()}, nil
	case caseRedeem:
		return comparison{items: 1, ours: r.redemptions(), bare: r.bareInsert(), stock: r.codes.fill}, nil
	case caseOpen:
		if err := r.startFleet(ctx); err != nil {
			return comparison{}, err
		}
		return comparison{items: 1, ours: r.openings(), bare: r.bareInsert()}, nil
	case caseSignIn:
		return comparison{items: 1, ours: r.signIns(), bare: r.bareVerify()}, nil
	default:
		return comparison{items: 1, ours: r.lists(""), bare: r.bareList()}, nil
	}
}

// result is one line of the table.
type result struct {
	database string
	name     string
	callers  int
	ours     side
	bare     side
	ratios   ratios
}

// warmUp is run before the first round and not counted: statements get prepared, caches filled.
func (o options) warmUp() time.Duration { return min(o.round/2, 500*time.Millisecond) }

// measure runs one case with each number of callers.
func (r *rig) measure(ctx context.Context, name string) ([]result, error) {
	compared, err := r.comparison(ctx, name)
	if err != nil {
		return nil, err
	}
	results := []result{}
	for _, callers := range r.asked.callers {
		measured, err := r.compare(ctx, name, compared, callers)
		if err != nil {
			return nil, fmt.Errorf("%d callers: %w", callers, err)
		}
		results = append(results, measured)
	}
	return results, nil
}

// compare lets the programs take turns, so that both see the same machine.
func (r *rig) compare(ctx context.Context, name string, compared comparison, callers int) (result, error) {
	ours, bare := []round{}, []round{}
	for turn := range r.asked.rounds + 1 {
		length := r.asked.round
		if turn == 0 {
			length = r.asked.warmUp()
		}
		their, err := r.turn(ctx, compared.bare, callers, length)
		if err != nil {
			return result{}, fmt.Errorf("bare: %w", err)
		}
		if compared.stock != nil {
			if err := compared.stock(ctx, callers, length); err != nil {
				return result{}, err
			}
		}
		profiled := r.profile(ctx, turn == 1 && callers == r.asked.callers[len(r.asked.callers)-1], name, length)
		our, err := r.turn(ctx, compared.ours, callers, length)
		if err != nil {
			return result{}, fmt.Errorf("ours: %w", err)
		}
		if err := <-profiled; err != nil {
			return result{}, fmt.Errorf("profile: %w", err)
		}
		if turn > 0 {
			ours, bare = append(ours, our), append(bare, their)
		}
	}
	return result{
		database: r.database.kind, name: name, callers: callers,
		ours: sideOf(ours, compared.items), bare: sideOf(bare, 1), ratios: ratiosOf(ours, bare, compared.items),
	}, nil
}

func (r *rig) turn(ctx context.Context, sent traffic, callers int, length time.Duration) (round, error) {
	if err := ctx.Err(); err != nil {
		return round{}, err
	}
	if err := r.authorize(); err != nil {
		return round{}, err
	}
	runtime.GC() // ours, so that the last round's garbage is not collected in this one
	return sent.run(callers, length)
}

// profile takes a CPU profile of the product while a round runs, if that was asked for.
func (r *rig) profile(ctx context.Context, wanted bool, name string, length time.Duration) <-chan error {
	done := make(chan error, 1)
	if !wanted || r.asked.profile == "" {
		done <- nil
		return done
	}
	address := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", r.metrics, max(1, int(length.Seconds())))
	path := filepath.Join(r.asked.profile, r.database.kind+"-"+name+".pprof")
	go func() { done <- download(ctx, address, path) }()
	return done
}

func download(ctx context.Context, address, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}
