package media

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"xunfang/models"
)

// unfinished is the folder of files that are still being written; no blob's name leads into it.
const unfinished = "unfinished"

// Folder keeps photos as files under one folder and reaches nothing outside it. One process uses it at a time.
type Folder struct {
	root *os.Root
	sync func(*os.File) error // (*os.File).Sync; tests play a power cut here
}

// OpenFolder opens the folder, making it if its parent exists, and removes what a crash left half written.
func OpenFolder(folder string) (*Folder, error) { return openFolder(folder, (*os.File).Sync) }

func openFolder(folder string, sync func(*os.File) error) (*Folder, error) {
	if err := os.Mkdir(folder, 0o700); err == nil { //nolint:gosec // the operator names the folder
		if err := syncPath(os.Open, filepath.Dir(folder), sync); err != nil {
			return nil, fmt.Errorf("media: %w", err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("media: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	if err := errors.Join(root.RemoveAll(unfinished), root.Mkdir(unfinished, 0o700)); err != nil {
		return nil, errors.Join(fmt.Errorf("media: %w", err), root.Close())
	}
	return &Folder{root: root, sync: sync}, nil
}

// Close ends the use of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Put writes beside, then gives the finished file its name by a link, because a rename would overwrite.
// File first, folders after: at no instant does a name lead to half a photo, power cut or not.
func (f *Folder) Put(ctx context.Context, name, _ string, data []byte) error {
	if err := checkPut(ctx, name, data); err != nil {
		return err
	}
	beside := path.Join(unfinished, rand.Text())
	defer func() { _ = f.root.Remove(beside) }() // else OpenFolder does it
	if err := f.write(beside, data); err != nil {
		return fmt.Errorf("media: put: %w", err)
	}
	month := path.Dir(name)
	if err := f.root.MkdirAll(month, 0o700); err != nil {
		return fmt.Errorf("media: put: %w", err)
	}
	if err := f.root.Link(beside, name); errors.Is(err, fs.ErrExist) {
		if err := f.sameAs(ctx, name, data); err != nil {
			return err
		}
	} else if err != nil {
		return fmt.Errorf("media: put: %w", err)
	}
	for _, folder := range []string{month, path.Dir(month), "."} {
		if err := syncPath(f.root.Open, folder, f.sync); err != nil {
			return fmt.Errorf("media: put: %w", err)
		}
	}
	return nil
}

// Get reads a file.
func (f *Folder) Get(ctx context.Context, name string) ([]byte, error) {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return nil, err
	}
	file, err := f.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, models.Fail(models.CodeNotFound).Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("media: get: %w", err)
	}
	data, err := readBlob(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("media: get: %w", err)
	}
	return data, nil
}

// Delete removes a file so that a crash does not bring it back.
func (f *Folder) Delete(ctx context.Context, name string) error {
	if err := errors.Join(checkName(name), ctx.Err()); err != nil {
		return err
	}
	err := f.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncPath(f.root.Open, path.Dir(name), f.sync)
	}
	if err != nil {
		return fmt.Errorf("media: delete: %w", err)
	}
	return nil
}

// write makes a new file that is on disk when it returns.
func (f *Folder) write(name string, data []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(data); err == nil {
		err = f.sync(file)
	}
	return errors.Join(err, file.Close())
}

// sameAs tells a repeated Put from one that would overwrite.
func (f *Folder) sameAs(ctx context.Context, name string, data []byte) error {
	kept, err := f.Get(ctx, name)
	if err != nil {
		return err
	}
	if !bytes.Equal(kept, data) {
		return models.Fail(models.CodeAlreadyExists)
	}
	return nil
}

// syncPath brings a folder's entries to disk.
func syncPath(open func(string) (*os.File, error), name string, sync func(*os.File) error) error {
	folder, err := open(name)
	if err != nil {
		return err
	}
	return errors.Join(sync(folder), folder.Close())
}
