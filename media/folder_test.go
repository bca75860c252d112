package media

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"xunfang/models"
)

func openTestFolder(t *testing.T, path string) *Folder {
	t.Helper()
	folder, err := OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	return folder
}

func TestFolderKeepsItsPromise(t *testing.T) {
	path := filepath.Join(t.TempDir(), "photos")
	keepsItsPromise(t, openTestFolder(t, path))
	if left, err := os.ReadDir(filepath.Join(path, unfinished)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for name, mode := range map[string]os.FileMode{".": 0o700, "2026": 0o700, "2026/11": 0o700, blobNamed(5): 0o600} {
		if info, err := os.Stat(filepath.Join(path, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestFolderNeedsAParent(t *testing.T) {
	if _, err := OpenFolder(filepath.Join(t.TempDir(), "a", "b")); err == nil {
		t.Error("made more than one folder")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(file); err == nil {
		t.Error("opened a file")
	}
}

// A link planted in the folder leads nowhere; os.WriteFile would follow it.
func TestFolderIsNotLeft(t *testing.T) {
	ctx, path, outside := context.Background(), t.TempDir(), t.TempDir()
	folder := openTestFolder(t, path)
	if err := os.Symlink(outside, filepath.Join(path, "2026")); err != nil {
		t.Fatal(err)
	}
	if err := folder.Put(ctx, blobNamed(1), ContentJPEG, []byte("photo")); err == nil {
		t.Error("put through a link")
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Errorf("written outside: %v", left)
	}
	inside := filepath.Join(path, blobNamed(1))
	if err := os.MkdirAll(filepath.Dir(inside), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(inside, []byte("control"), 0o600); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(outside); len(left) != 1 {
		t.Error("control: the link does not lead outside")
	}
	if data, err := folder.Get(ctx, blobNamed(1)); err == nil {
		t.Errorf("read outside: %q", data)
	}
	if err := folder.Delete(ctx, blobNamed(1)); err == nil {
		t.Error("deleted outside")
	}
}

func TestFolderRemovesLeftovers(t *testing.T) {
	path := t.TempDir()
	if err := os.MkdirAll(filepath.Join(path, unfinished), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, unfinished, "half"), []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := openTestFolder(t, path)
	if left, err := os.ReadDir(filepath.Join(path, unfinished)); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := folder.Put(context.Background(), blobNamed(1), ContentJPEG, []byte("photo")); err != nil {
		t.Error(err)
	}
}

func TestFolderReadsNoMoreThanABlob(t *testing.T) {
	path := t.TempDir()
	folder := openTestFolder(t, path)
	name := filepath.Join(path, blobNamed(1))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte{}, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, MaxBlob+1); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Get(context.Background(), blobNamed(1)); models.CodeOf(err) != models.CodeInternal {
		t.Errorf("a huge file: %v", err)
	}
}

// A picture goes all the way: cleaned, kept under its own name, read back bit for bit.
func TestCleanedAndKept(t *testing.T) {
	folder := openTestFolder(t, t.TempDir())
	picture, err := Clean(readSample(t, "progressive_2x2"), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Put(context.Background(), blobNamed(7), picture.ContentType, picture.Bytes); err != nil {
		t.Fatal(err)
	}
	if data, err := folder.Get(context.Background(), blobNamed(7)); err != nil || !bytes.Equal(data, picture.Bytes) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}
