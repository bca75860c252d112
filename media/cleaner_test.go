package media

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"xunfang/models"
)

func smallCleaner(t *testing.T, change func(*Limits)) (*Cleaner, []byte) {
	t.Helper()
	limits := DefaultLimits()
	limits.PixelsAtOnce, limits.Wait = 2*40*30, 20*time.Millisecond
	change(&limits)
	return NewCleaner(limits), encodeJPEG(t, upright(40, 30))
}

func TestCleanerWaitsAndEnds(t *testing.T) {
	cleaner, photo := smallCleaner(t, func(*Limits) {})
	ctx := context.Background()
	if err := cleaner.pixels.Acquire(ctx, 40*30+1); err != nil { // others are decoding: half a photo too much
		t.Fatal(err)
	}
	_, err := cleaner.Clean(ctx, photo)
	var busy *models.Error
	if !errors.As(err, &busy) || busy.Code != models.CodeBusy || busy.RetryAfter <= 0 {
		t.Fatalf("without room: %v", err)
	}
	time.AfterFunc(5*time.Millisecond, func() { cleaner.pixels.Release(40*30 + 1) })
	patient := &Cleaner{limits: cleaner.limits, places: cleaner.places, pixels: cleaner.pixels}
	patient.limits.Wait = 10 * time.Second
	if _, err := patient.Clean(ctx, photo); err != nil {
		t.Errorf("room came free: %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := cleaner.Clean(ended, photo); models.CodeOf(err) != models.CodeBusy {
		t.Errorf("caller gone: %v", err)
	}
}

func TestCleanerQueueIsSized(t *testing.T) {
	cleaner, photo := smallCleaner(t, func(l *Limits) { l.Waiting = 1; l.Wait = time.Hour })
	cleaner.places <- struct{}{}
	if _, err := cleaner.Clean(context.Background(), photo); models.CodeOf(err) != models.CodeBusy {
		t.Errorf("full: %v", err)
	}
	<-cleaner.places
	if _, err := cleaner.Clean(context.Background(), photo); err != nil {
		t.Errorf("free: %v", err)
	}
}

func TestCleanerGivesEverythingBack(t *testing.T) {
	cleaner, photo := smallCleaner(t, func(l *Limits) { l.Wait = 10 * time.Second })
	var all sync.WaitGroup
	for at := range 24 {
		all.Go(func() {
			data, want := photo, models.Code("")
			switch at % 3 {
			case 1:
				data, want = photo[:len(photo)/2], models.CodeNotAPicture
			case 2:
				data = readSample(t, "progressive_2x2") // dearer than all the room: decoded alone
			}
			if _, err := cleaner.Clean(context.Background(), data); models.CodeOf(err) != want {
				t.Errorf("%d: want %q, got %v", at, want, err)
			}
		})
	}
	all.Wait()
	if !cleaner.pixels.TryAcquire(int64(cleaner.limits.PixelsAtOnce)) || len(cleaner.places) != 0 {
		t.Error("something was not given back")
	}
}

func TestCost(t *testing.T) {
	for name, want := range map[string]int{"baseline_2x2": 53 * 35, "progressive_2x2": 2 * 53 * 35} {
		if found, err := inspect(readSample(t, name), DefaultLimits()); err != nil || found.cost() != want {
			t.Errorf("%s costs %d, %v", name, found.cost(), err)
		}
	}
	for depth, want := range map[int]int{8: 100, 16: 200} {
		found, err := inspect(pngForm{6, depth, false}.encode(t, 10, 10, "", ""), DefaultLimits())
		if err != nil || found.cost() != want {
			t.Errorf("%d bits cost %d, %v", depth, found.cost(), err)
		}
	}
}
