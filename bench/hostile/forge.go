package hostile

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// forge makes something of a letter that the server never signed: another door, session, device, time or id, under
// the old signature, under a stranger's, and without any.
func (b *broker) forge(one letter) letter {
	w := b.world
	one.forged = true
	parts := strings.Split(string(one.Payload), ".")
	payload := map[string]string{}
	if bytes, err := base64.RawURLEncoding.DecodeString(parts[1]); err != nil || json.Unmarshal(bytes, &payload) != nil {
		return one
	}
	const form = "2006-01-02T15:04:05.000Z"
	switch w.lot.IntN(4) {
	case 0:
		payload["door_id"] = string(one.to.doors[w.lot.IntN(2)])
		payload["id"] = string(w.id())
	case 1:
		payload["expires_at"] = one.of.RequestedAt.UTC().Add(doors.MaxLifetime).Format(form)
	case 2:
		if one.to.panel != nil {
			payload["nonce"] = one.to.panel.Nonce()
		}
	default:
		now := one.to.now().UTC()
		payload["id"], payload["issued_at"] = string(w.id()), now.Format(form)
		payload["expires_at"] = now.Add(models.DoorCommandLife + time.Minute/2).Format(form)
		if one.to.panel != nil {
			payload["nonce"] = one.to.panel.Nonce()
		}
	}
	bytes, err := json.Marshal(payload)
	if err != nil {
		return one
	}
	body := base64.RawURLEncoding.EncodeToString(bytes)
	switch w.lot.IntN(4) {
	case 0:
		one.Payload = []byte(parts[0] + "." + body + "." + parts[2])
	case 1:
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"x","typ":"door-command+jws"}`))
		one.Payload = []byte(none + "." + body + ".")
	case 2:
		one.Payload = bytes
	default:
		if signed, err := w.stranger.SignDoorCommand(bytes); err == nil {
			one.Payload = []byte(signed)
		}
	}
	return one
}
