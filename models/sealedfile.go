package models

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
)

// Bounds of files that are sealed to a station's key.
const (
	MaxSealedFile     = 31 << 20 // bytes of a file
	sealedFileBlock   = 64 << 10 // bytes; what is encrypted is filled up to a multiple, so that its length says little
	sealedFileHeadMax = 512      // bytes of a head that is believed
)

// SealedFile is a file that only the station's key opens. What could tell it from others stands inside with it.
type SealedFile struct {
	ContentType string
	Data        []byte
	SHA256      []byte // of Data
}

// sealedFileHead is the first line of what is encrypted.
type sealedFileHead struct {
	ContentType string `json:"content_type"`
	Bytes       int    `json:"bytes"`
	SHA256      string `json:"sha256"`
}

var errSealedFile = errors.New("models: the opened file cannot be read")

// Plain gives the bytes to be encrypted: a line of JSON, the file, and zeros up to a multiple of 64 KiB. CodeTooLarge
// for a file that could not be opened again.
func (f SealedFile) Plain() ([]byte, error) {
	if len(f.Data) > MaxSealedFile {
		return nil, Fail(CodeTooLarge)
	}
	head, err := json.Marshal(sealedFileHead{ContentType: f.ContentType, Bytes: len(f.Data), SHA256: hex.EncodeToString(f.SHA256)})
	if err != nil {
		return nil, err
	}
	length := len(head) + 1 + len(f.Data)
	plain := make([]byte, 0, (length+sealedFileBlock-1)/sealedFileBlock*sealedFileBlock)
	plain = append(append(append(plain, head...), '\n'), f.Data...)
	return plain[:cap(plain)], nil
}

// OpenedFile is the file in what Plain gave.
func OpenedFile(plain []byte) (SealedFile, error) {
	line, rest, found := bytes.Cut(plain, []byte("\n"))
	head := sealedFileHead{}
	if !found || len(line) > sealedFileHeadMax || json.Unmarshal(line, &head) != nil {
		return SealedFile{}, errSealedFile
	}
	sum, err := hex.DecodeString(head.SHA256)
	if err != nil || head.Bytes < 0 || head.Bytes > len(rest) || head.ContentType == "" {
		return SealedFile{}, errSealedFile
	}
	return SealedFile{ContentType: head.ContentType, Data: rest[:head.Bytes], SHA256: sum}, nil
}
