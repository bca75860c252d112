package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"xunfang/models"
)

// disk remembers what has been brought to disk: a file's content when the file is synced, a folder's
// entries when the folder is. Everything else is lost in its power cut.
type disk struct {
	contents map[uint64][]byte            // by inode
	entries  map[uint64]map[string]uint64 // by the folder's inode
	folders  map[uint64]bool
	syncs    int
	cutAt    int // the power goes before this sync; 0: never
}

var errPowerCut = errors.New("power cut")

func inode(info fs.FileInfo) uint64 { return info.Sys().(*syscall.Stat_t).Ino }

func (d *disk) sync(file *os.File) error {
	if d.syncs++; d.cutAt != 0 && d.syncs >= d.cutAt {
		return errPowerCut
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.IsDir() {
		d.contents[inode(info)], err = os.ReadFile(file.Name())
		return err
	}
	list, err := os.ReadDir(file.Name())
	kept := map[string]uint64{}
	for _, entry := range list {
		if child, err := entry.Info(); err == nil {
			kept[entry.Name()] = inode(child)
			d.folders[inode(child)] = child.IsDir()
		}
	}
	d.entries[inode(info)] = kept
	return err
}

// rebuild lays out what is left after the power cut.
func (d *disk) rebuild(t *testing.T, folder uint64, path string) {
	t.Helper()
	for name, child := range d.entries[folder] {
		target, err := filepath.Join(path, name), error(nil)
		if d.folders[child] {
			if err = os.Mkdir(target, 0o700); err == nil {
				d.rebuild(t, child, target)
			}
		} else {
			err = os.WriteFile(target, d.contents[child], 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// afterPowerCut puts one photo, loses what was not synced, and reads it back.
func afterPowerCut(t *testing.T, cutAt int, forget func(*os.File) bool) (putErr error, data []byte, getErr error) {
	t.Helper()
	before, after := t.TempDir(), t.TempDir()
	kept := &disk{contents: map[uint64][]byte{}, entries: map[uint64]map[string]uint64{}, folders: map[uint64]bool{}, cutAt: cutAt}
	folder, err := openFolder(before, func(file *os.File) error {
		if forget(file) {
			return nil
		}
		return kept.sync(file)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	putErr = folder.Put(context.Background(), blobNamed(1), ContentJPEG, []byte("a whole photo"))
	info, err := os.Stat(before)
	if err != nil {
		t.Fatal(err)
	}
	kept.rebuild(t, inode(info), after)
	data, getErr = openTestFolder(t, after).Get(context.Background(), blobNamed(1))
	return putErr, data, getErr
}

func TestPowerCut(t *testing.T) {
	nothing := func(*os.File) bool { return false }
	for cutAt := range 6 {
		putErr, data, getErr := afterPowerCut(t, cutAt, nothing)
		switch {
		case cutAt == 0 || cutAt > 4: // file, month, year, root
			if putErr != nil || getErr != nil || string(data) != "a whole photo" {
				t.Errorf("acknowledged photo lost: %v, %v", putErr, getErr)
			}
		case !errors.Is(putErr, errPowerCut):
			t.Errorf("cut before sync %d: acknowledged: %v", cutAt, putErr)
		case models.CodeOf(getErr) != models.CodeNotFound:
			t.Errorf("cut before sync %d: %q, %v", cutAt, data, getErr)
		}
	}
	// Negative control: leave out any one of the syncs and the acknowledged photo is lost or empty.
	for _, left := range []string{unfinished, "11", "2026", "photos"} {
		putErr, data, getErr := afterPowerCut(t, 0, func(file *os.File) bool {
			name := file.Name()
			return map[string]bool{
				unfinished: strings.Contains(name, unfinished), "11": filepath.Base(name) == "11",
				"2026": filepath.Base(name) == "2026", "photos": !strings.Contains(name, "2026") && !strings.Contains(name, unfinished),
			}[left]
		})
		if putErr != nil || (getErr == nil && string(data) == "a whole photo") {
			t.Errorf("control: without the sync of %s: %v, %q, %v", left, putErr, data, getErr)
		}
	}
}

// crashFolder in the environment makes the test program a victim that puts photos until it is killed.
const crashFolder = "MEDIA_CRASH_FOLDER"

func crashPhoto(number int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "photo %d ", number), 20_000)
}

func putUntilKilled(path string) {
	folder, err := OpenFolder(path)
	for number := 0; err == nil && number < 100_000; number++ {
		if err = folder.Put(context.Background(), blobNamed(number), ContentJPEG, crashPhoto(number)); err == nil {
			fmt.Println(number)
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

func TestKilledWhilePutting(t *testing.T) {
	for round := range 5 {
		path := t.TempDir()
		victim := exec.Command(os.Args[0])
		victim.Env = append(os.Environ(), crashFolder+"="+path)
		output, err := victim.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := victim.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := 0
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if lines.Text() != fmt.Sprint(acknowledged) {
				t.Fatalf("victim: %s", lines.Text())
			}
			if acknowledged++; acknowledged == 3+round*2 {
				_ = victim.Process.Kill()
			}
		}
		_ = victim.Wait() // was killed
		folder := openTestFolder(t, path)
		for number := range acknowledged {
			if data, err := folder.Get(context.Background(), blobNamed(number)); err != nil || !bytes.Equal(data, crashPhoto(number)) {
				t.Errorf("round %d: photo %d of %d: %d bytes, %v", round, number, acknowledged, len(data), err)
			}
		}
		// The one that was under way is whole or not there.
		data, err := folder.Get(context.Background(), blobNamed(acknowledged))
		if models.CodeOf(err) != models.CodeNotFound && !bytes.Equal(data, crashPhoto(acknowledged)) {
			t.Errorf("round %d: half a photo: %d bytes, %v", round, len(data), err)
		}
		if acknowledged < 3+round*2 {
			t.Errorf("round %d: only %d photos", round, acknowledged)
		}
	}
}
