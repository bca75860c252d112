package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
)

// blobNamed makes a valid name.
func blobNamed(number int) string {
	id := models.ID(fmt.Sprintf("01939c1e-8a00-7000-8000-%012d", number))
	return Name(id, time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), ContentJPEG)
}

func TestName(t *testing.T) {
	id := models.ID("01939c1e-8a00-7000-8000-000000000601")
	shanghai := time.FixedZone("CST", 8*3600)
	made := time.Date(2026, 12, 1, 7, 59, 0, 0, shanghai) // still November in UTC
	if got := Name(id, made, ContentPNG); got != "2026/11/01939c1e-8a00-7000-8000-000000000601.png" || checkName(got) != nil {
		t.Error(got)
	}
	if got := Name(id, made.Add(time.Hour), ContentJPEG); got != "2026/12/01939c1e-8a00-7000-8000-000000000601.jpg" || checkName(got) != nil {
		t.Error(got)
	}
}

// keepsItsPromise is what every keeper of blobs has to do.
func keepsItsPromise(t *testing.T, blobs Blobs) {
	ctx := context.Background()
	photo, other := bytes.Repeat([]byte("photo"), 50_000), []byte("another photo")
	name := blobNamed(1)
	want := func(what string, err error, code models.Code) {
		t.Helper()
		if models.CodeOf(err) != code {
			t.Errorf("%s: want %q, got %v", what, code, err)
		}
	}
	holds := func(name string, data []byte) {
		t.Helper()
		if got, err := blobs.Get(ctx, name); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	_, err := blobs.Get(ctx, name)
	want("get of a missing one", err, models.CodeNotFound)
	want("put", blobs.Put(ctx, name, ContentJPEG, photo), "")
	holds(name, photo)
	want("put of the same again", blobs.Put(ctx, name, ContentJPEG, photo), "")
	want("put of another", blobs.Put(ctx, name, ContentJPEG, other), models.CodeAlreadyExists)
	holds(name, photo)
	want("put beside it", blobs.Put(ctx, blobNamed(2), ContentPNG, other), "")
	want("delete", blobs.Delete(ctx, name), "")
	want("delete again", blobs.Delete(ctx, name), "")
	_, err = blobs.Get(ctx, name)
	want("get after delete", err, models.CodeNotFound)
	holds(blobNamed(2), other)
	want("empty", blobs.Put(ctx, blobNamed(3), ContentJPEG, nil), models.CodeInternal)
	want("too large", blobs.Put(ctx, blobNamed(3), ContentJPEG, make([]byte, MaxBlob+1)), models.CodeInternal)

	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := blobs.Put(ended, blobNamed(4), ContentJPEG, photo); !errors.Is(err, context.Canceled) {
		t.Errorf("put of a caller who is gone: %v", err)
	}
	_, err = blobs.Get(ctx, blobNamed(4))
	want("what a caller who is gone had put", err, models.CodeNotFound)

	// Of many different photos under one name exactly one is kept, and its putter alone is told so.
	var all sync.WaitGroup
	var kept atomic.Int64
	for number := range 12 {
		all.Go(func() {
			err := blobs.Put(ctx, blobNamed(5), ContentJPEG, []byte{byte(number), 1, 2, 3})
			if err == nil {
				kept.Add(int64(number) + 1000)
			} else if models.CodeOf(err) != models.CodeAlreadyExists {
				t.Errorf("%d: %v", number, err)
			}
		})
	}
	all.Wait()
	if kept.Load() < 1000 || kept.Load() >= 2000 {
		t.Fatalf("sum %d: not exactly one was kept", kept.Load())
	}
	holds(blobNamed(5), []byte{byte(kept.Load() - 1000), 1, 2, 3})

	for _, bad := range badNames() {
		if err := blobs.Put(ctx, bad, ContentJPEG, photo); models.CodeOf(err) != models.CodeInternal {
			t.Errorf("put %q: %v", bad, err)
		}
		if data, err := blobs.Get(ctx, bad); models.CodeOf(err) != models.CodeInternal || data != nil {
			t.Errorf("get %q: %v", bad, err)
		}
		if err := blobs.Delete(ctx, bad); models.CodeOf(err) != models.CodeInternal {
			t.Errorf("delete %q: %v", bad, err)
		}
	}
}

func badNames() []string {
	good := blobNamed(1)
	return []string{
		"", ".", "..", "/", "photo.jpg", "../" + good, "/" + good, "./" + good, good + "/", good + "/..", good + "\n", good + "\x00",
		" " + good, "2026/11/../../etc/passwd", "2026/13" + good[7:], "2026/00" + good[7:], "2026/1" + good[7:], "26/11" + good[7:],
		good[:8] + ".." + good[10:], good[:len(good)-4], good[:len(good)-4] + ".gif", good[:len(good)-4] + ".jpg.html",
		good[:len(good)-4] + ".JPG", "2026/11/01939C1E-8A00-7000-8000-000000000001.jpg", "2026\\11\\" + good[8:], "2026//11/" + good[8:],
		"2026/11/%2e%2e/" + good[8:], "２０２６/11/" + good[8:], unfinished + "/x",
	}
}
