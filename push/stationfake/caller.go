package stationfake

import (
	"encoding/json"
	"fmt"
	"time"

	"xunfang/models"
)

// Call is one that a caller system was asked for.
type Call struct {
	CallID     string    `json:"call_id"`
	Number     string    `json:"number"`
	Language   string    `json:"language"`
	Severity   string    `json:"severity"`
	Say        string    `json:"say"`
	RingBefore time.Time `json:"ring_before"`
}

// Calls lists the calls among what was believed: as a caller system, it places each once.
func (f *Fake) Calls() []Call {
	calls := []Call{}
	for _, message := range f.Heard() {
		read := struct {
			Type string `json:"type"`
			Data Call   `json:"data"`
		}{}
		if json.Unmarshal([]byte(message.Body), &read) == nil && read.Type == "call.requested" {
			calls = append(calls, read.Data)
		}
	}
	return calls
}

// Callback is what a caller system says became of a call: its headers, signed with the secret that it knows, and its body. Each has
// an id of its own; one that is sent again has the same.
func (f *Fake) Callback(callID, event string) (headers map[string]string, body []byte) {
	return f.callback(f.now(), callID, event)
}

// At is the headers of a callback that is signed at another time.
func (f *Fake) At(at time.Time, callID, event string) map[string]string {
	headers, _ := f.callback(at, callID, event)
	return headers
}

func (f *Fake) callback(at time.Time, callID, event string) (headers map[string]string, body []byte) {
	f.mutex.Lock()
	f.callbacks++
	id, key := fmt.Sprint("callback-", f.callbacks), f.key
	f.mutex.Unlock()
	body = fmt.Appendf(nil, `{"type":"call.reported","data":{"call_id":%q,"event":%q}}`, callID, event)
	return models.WebhookHeaders(id, at, body, key), body
}
