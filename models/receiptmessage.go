package models

import (
	"bytes"
	"encoding/json"
	"errors"
)

// SealedMessage is what of the message of a receipt only the station's key opens.
type SealedMessage struct {
	Text string `json:"text"`
}

// SealMessage gives the bytes to be encrypted: JSON, filled up with spaces.
func SealMessage(text Secret) ([]byte, error) {
	plain, err := json.Marshal(SealedMessage{Text: text.Reveal()})
	return filledUp(plain), err
}

// filledUp adds spaces up to a multiple of sealedBlock.
func filledUp(plain []byte) []byte {
	missing := (sealedBlock - len(plain)%sealedBlock) % sealedBlock
	return append(plain, bytes.Repeat([]byte(" "), missing)...)
}

// Opened is the message with its text; plain is what SealMessage gave.
func (m TipMessage) Opened(plain []byte) (TipMessage, error) {
	if len(plain) > maxSealedText {
		return m, errors.New("models: the opened message is too long")
	}
	content := SealedMessage{}
	if err := json.Unmarshal(plain, &content); err != nil {
		return m, errors.New("models: the opened message cannot be read") // its text stays out of the error
	}
	m.Text, m.Sealed = Secret(content.Text), nil
	return m, nil
}

// CheckTimeless refuses an id that says when it was made, of whatever is kept to the minute: versions 1, 2, 6 and 7 of a UUID
// hold a time (RFC 9562), version 4 is random.
func CheckTimeless(field string, id ID) error {
	if len(id) != 36 || id[14] != '4' {
		return Unfit(field, FieldNotAllowed, "UUID version 4: others tell when they were made")
	}
	return nil
}
