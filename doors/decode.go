package doors

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"xunfang/models"
)

const nonceBytes = 16 // 128 bits, 22 letters of base64url without padding

// fieldReader takes the fields of one flat JSON object, remembering the first thing wrong.
// Every message is an object of strings and nothing else: that leaves a small controller's
// parser no room for surprises, and ours no room for the last of two equal keys to win.
type fieldReader struct {
	fields map[string]string
	err    error
}

func readFields(payload []byte) *fieldReader {
	reader := &fieldReader{fields: map[string]string{}}
	if len(payload) > maxMessage {
		reader.fail(fmt.Errorf("doors: message of %d bytes, at most %d", len(payload), maxMessage))
		return reader
	}
	if !utf8.Valid(payload) {
		reader.fail(errors.New("doors: message is not UTF-8"))
		return reader
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		reader.fail(errors.New("doors: message is not a JSON object"))
		return reader
	}
	for reader.err == nil && decoder.More() {
		reader.readOne(decoder)
	}
	if _, err := decoder.Token(); err != nil {
		reader.fail(errors.New("doors: message is not whole"))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		reader.fail(errors.New("doors: something follows the message"))
	}
	return reader
}

func (r *fieldReader) readOne(decoder *json.Decoder) {
	key, err := decoder.Token()
	name, ok := key.(string)
	if err != nil || !ok {
		r.fail(errors.New("doors: message is not whole"))
		return
	}
	value, err := decoder.Token()
	text, ok := value.(string)
	if err != nil || !ok {
		r.fail(fmt.Errorf("doors: %q is not a string", name))
		return
	}
	if _, twice := r.fields[name]; twice {
		r.fail(fmt.Errorf("doors: %q twice", name))
		return
	}
	r.fields[name] = text
}

func (r *fieldReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *fieldReader) take(name string) string {
	value, ok := r.fields[name]
	if !ok {
		r.fail(fmt.Errorf("doors: %q is missing", name))
	}
	delete(r.fields, name)
	return value
}

// text takes a string of 1 to limit bytes; an optional one may be absent, and then is "".
func (r *fieldReader) text(name string, limit int, optional bool) string {
	if _, ok := r.fields[name]; !ok && optional {
		return ""
	}
	value := r.take(name)
	if value == "" || len(value) > limit {
		r.fail(fmt.Errorf("doors: %q must have 1 to %d bytes", name, limit))
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		r.fail(fmt.Errorf("doors: %q has control characters", name))
	}
	return value
}

func (r *fieldReader) id(name string) models.ID {
	id, err := models.ParseID(r.take(name))
	if err != nil {
		r.fail(fmt.Errorf("doors: %q is not a UUID", name))
	}
	return id
}

func (r *fieldReader) time(name string) time.Time {
	value := r.take(name)
	at, err := time.Parse(wireTime, value)
	if err != nil || onWire(at) != value { // Parse also takes a comma for the point
		r.fail(fmt.Errorf("doors: %q is not RFC 3339 in UTC with milliseconds", name))
	}
	return at
}

func (r *fieldReader) nonce(name string) string {
	value := r.take(name)
	if !validNonce(value) {
		r.fail(fmt.Errorf("doors: %q is not 128 bits of base64url", name))
	}
	return value
}

func (r *fieldReader) oneOf(name string, allowed ...string) string {
	value := r.take(name)
	if !slices.Contains(allowed, value) {
		r.fail(fmt.Errorf("doors: %q is none of %v", name, allowed))
	}
	return value
}

// done refuses what was not asked for: a field we do not know could change the meaning.
func (r *fieldReader) done() error {
	for name := range r.fields {
		r.fail(fmt.Errorf("doors: unknown field %q", name))
	}
	return r.err
}

func validNonce(value string) bool {
	bits, err := base64.RawURLEncoding.Strict().DecodeString(value)
	return err == nil && len(bits) == nonceBytes
}

func decodeCommand(payload []byte) (Command, error) {
	r := readFields(payload)
	command := Command{
		ID: r.id("id"), DoorID: r.id("door_id"), DeviceID: r.id("device_id"),
		Action:   r.text("action", 32, false),
		IssuedAt: r.time("issued_at"), ExpiresAt: r.time("expires_at"), Nonce: r.nonce("nonce"),
	}
	return command, r.done()
}

func decodeAck(payload []byte) (Ack, error) {
	r := readFields(payload)
	ack := Ack{
		ID: r.id("id"), DoorID: r.id("door_id"),
		Result: Result(r.oneOf("result", string(ResultOpened), string(ResultFailed), string(ResultRefused))),
		Reason: r.text("reason", 64, true), At: r.time("at"),
	}
	return ack, r.done()
}

func decodeEvent(payload []byte) (Event, error) {
	r := readFields(payload)
	event := Event{
		ID: r.id("id"), DoorID: r.id("door_id"), At: r.time("at"),
		Way: Way(r.oneOf("way", string(WayCode), string(WayRemote), string(WayFace),
			string(WayCard), string(WayButton), string(WayForced))),
		Outcome:       Outcome(r.oneOf("outcome", string(OutcomeGranted), string(OutcomeDenied))),
		CredentialRef: r.text("credential_ref", 128, true),
	}
	return event, r.done()
}

func decodeHello(payload []byte) (hello, error) {
	r := readFields(payload)
	message := hello{
		DeviceID: r.id("device_id"), Nonce: r.nonce("session_nonce"),
		Firmware: r.text("firmware", 64, false), At: r.time("at"),
	}
	return message, r.done()
}

func decodeBye(payload []byte) (bye, error) {
	r := readFields(payload)
	message := bye{DeviceID: r.id("device_id"), Nonce: r.nonce("session_nonce")}
	return message, r.done()
}
