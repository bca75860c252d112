package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
	"xunfang/store"
)

// numberBook is a provider of SMS that takes everything.
type numberBook struct {
	mutex   sync.Mutex
	numbers []string
}

// Send implements push.Channel.
func (b *numberBook) Send(_ context.Context, message push.Message) push.Outcome {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.numbers = append(b.numbers, message.Address.Reveal())
	return push.Outcome{State: push.StateSent, ProviderID: fmt.Sprint("serial-", len(b.numbers))}
}

func byText(settings *rigSettings) {
	settings.store = func(config *store.Config) { config.Texts = true }
}

// A rung that names sms goes to the numbers of those who have not acknowledged, ten times a day and not more; the ledger says
// which. The number stands nowhere.
func TestAlertsBySMS(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		texts := &numberBook{}
		guard, err := rig.store.Person(t.Context(), rig.Guard.ID)
		if err != nil || guard.Phone == "" {
			t.Fatalf("the guard has no number: %v", err)
		}
		rig.call(rig.Commander, http.MethodPut, "/v1/alert-ladders", ladders(0, map[string]any{
			"emergency": []any{rung(0, 0, 0, "none", "sms"), rung(60, 30, 20, "commander", "sms")},
		})).must(200)
		rig.alert(rig.Commander, alertTo("compound", rig.One.ID(), "guard")).must(201) // climbs by no text
		id := rig.alarm()
		rig.rings(texts)
		if len(texts.numbers) == 0 || texts.numbers[0] != guard.Phone.Reveal() {
			t.Fatalf("sent to %d numbers", len(texts.numbers))
		}
		if got := rig.known(rig.Commander, id, ""); got[string(rig.Guard.ID)] != "provider_accepted:sms" {
			t.Errorf("known: %v", got)
		}
		for rig.climbs(30 * time.Second); len(rig.column("SELECT id FROM deliveries WHERE reason = 'daily_limit'")) == 0; rig.climbs(30 * time.Second) {
			rig.rings(texts)
		}
		sent := 0
		for _, number := range texts.numbers {
			if number == guard.Phone.Reveal() {
				sent++
			}
		}
		if sent != models.MaxAlertTexts {
			t.Errorf("the guard was sent %d", sent)
		}
		before := len(texts.numbers)
		rig.call(rig.Guard, http.MethodPost, "/v1/alerts/"+id+"/acknowledge", nil).must(200)
		rig.climbs(time.Minute)
		rig.alarm()
		rig.rings(texts)
		for _, number := range texts.numbers[before:] {
			if number == guard.Phone.Reveal() {
				t.Error("the day is full, and another was sent")
			}
		}
		if all := strings.Join(rig.column("SELECT CONCAT(reason, provider_id, installation_id) FROM deliveries"), " "); strings.Contains(all, guard.Phone.Reveal()) {
			t.Error("the number stands in the ledger")
		}
		rig.advance(24 * time.Hour)
		rig.alarm()
		if rig.rings(texts); texts.numbers[len(texts.numbers)-1] != guard.Phone.Reveal() {
			t.Error("another day, and nothing is sent")
		}
	}, byText)
}
