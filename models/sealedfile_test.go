package models_test

import (
	"bytes"
	"testing"

	"xunfang/models"
)

func TestSealedFile(t *testing.T) {
	lengths := map[int]bool{}
	for _, length := range []int{0, 1, 1000, 65_000, 65_536, 200_000} {
		file := models.SealedFile{ContentType: "image/jpeg", Data: bytes.Repeat([]byte("x"), length), SHA256: []byte{1, 2, 3}}
		plain, err := file.Plain()
		if err != nil || len(plain)%65_536 != 0 || len(plain) < length {
			t.Fatalf("%d became %d, %v", length, len(plain), err)
		}
		lengths[len(plain)] = true
		opened, err := models.OpenedFile(plain)
		if err != nil || opened.ContentType != file.ContentType || !bytes.Equal(opened.Data, file.Data) || !bytes.Equal(opened.SHA256, file.SHA256) {
			t.Errorf("%d came back as %d bytes of %q, %v", length, len(opened.Data), opened.ContentType, err)
		}
	}
	if len(lengths) != 3 {
		t.Errorf("the lengths say much: %v", lengths)
	}
	if _, err := (models.SealedFile{Data: make([]byte, models.MaxSealedFile)}).Plain(); err != nil {
		t.Error(err)
	}
	if _, err := (models.SealedFile{Data: make([]byte, models.MaxSealedFile+1)}).Plain(); models.CodeOf(err) != models.CodeTooLarge {
		t.Errorf("too long: %v", err)
	}
	for _, wrong := range []string{
		"", "{}", "{}\n", "no line\n", `{"content_type":"image/png","bytes":3,"sha256":""}` + "\nab",
		`{"content_type":"image/png","bytes":-1,"sha256":""}` + "\nab", `{"content_type":"image/png","bytes":1,"sha256":"zz"}` + "\nab",
	} {
		if _, err := models.OpenedFile([]byte(wrong)); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
