package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"xunfang/auth"
	"xunfang/models"
)

// A sealed photo comes out of the command byte for byte, without what was put around it.
func TestOpenSealedFile(t *testing.T) {
	folder := t.TempDir()
	key, private, err := auth.NewStationIdentity()
	if err != nil {
		t.Fatal(err)
	}
	identity, path := filepath.Join(folder, "identity.txt"), filepath.Join(folder, "photo.age")
	if err := auth.WriteStationIdentity(identity, key, private); err != nil {
		t.Fatal(err)
	}
	photo := []byte("\xff\xd8\xff some photo \n\x00 ")
	sum := sha256.Sum256(photo)
	plain, err := models.SealedFile{ContentType: models.ContentJPEG, Data: photo, SHA256: sum[:]}.Plain()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := key.Seal(plain)
	if err == nil {
		err = os.WriteFile(path, sealed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if status, printed := runProgram(t, nil, "open-sealed", "--identity-file", identity, path); status != 0 || printed != string(photo) {
		t.Errorf("%d %q", status, printed)
	}
}
