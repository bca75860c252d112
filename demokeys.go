package main

import (
	"encoding/base64"

	"xunfang/auth"
	"xunfang/doors"
	"xunfang/models"
)

// terminalKeys are a simulated controller's: of ours it holds the public halves alone, as a real one does.
func terminalKeys(keys *auth.Keys) doors.TerminalKeys {
	return doors.TerminalKeys{
		Command: func(jws string) ([]byte, error) { return auth.VerifyDoorCommand(jws, keys.DoorPublicKeys()) },
		List: func(jws string, device models.ID) (models.AllowList, error) {
			return auth.VerifyAllowList(jws, device, keys.DoorPublicKeys())
		},
		Pass: func(text string) (models.SignedPass, error) { return auth.VerifyPass(text, keys.DoorPublicKeys()) },
		Hash: func(secret models.Secret, list models.AllowList, code models.VisitorCode) string {
			key, err := base64.RawURLEncoding.DecodeString(list.CodeKey)
			if err != nil {
				return ""
			}
			return auth.AllowHash(auth.HashSecret(secret))(auth.AllowInner(key, code))
		},
		Sign: func(secret models.Secret, timestamp string, body []byte) string {
			return auth.SignEvents(auth.DeviceEventKey(auth.HashSecret(secret)), timestamp, body)
		},
	}
}
