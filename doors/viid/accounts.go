package viid

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

const (
	idDigits      = 20
	leastPassword = 12 // characters
	maxAccounts   = 1000
)

// ReadAccounts reads the file of accounts: a list of {viid_id, device_id, password, direction}.
func ReadAccounts(data []byte) ([]Account, error) {
	accounts := []Account{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&accounts); err != nil {
		return nil, fmt.Errorf("it is no list of {viid_id, device_id, password, direction}: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF || len(accounts) == 0 || len(accounts) > maxAccounts {
		return nil, fmt.Errorf("it must be one list of 1 to %d devices", maxAccounts)
	}
	seen := map[string]bool{}
	for at, account := range accounts {
		switch {
		case len(account.VIID) != idDigits || strings.Trim(account.VIID, "0123456789") != "":
			return nil, fmt.Errorf("device %d: viid_id must have %d digits", at+1, idDigits)
		case seen[account.VIID]:
			return nil, fmt.Errorf("device %d: viid_id is there twice", at+1)
		case account.DeviceID == "":
			return nil, fmt.Errorf("device %d: device_id is needed", at+1)
		case len(account.Password.Reveal()) < leastPassword:
			return nil, fmt.Errorf("device %d: password must have %d characters", at+1, leastPassword)
		case account.Direction != "" && account.Direction != "in" && account.Direction != "out":
			return nil, fmt.Errorf("device %d: direction must be in, out or nothing", at+1)
		}
		seen[account.VIID] = true
	}
	return accounts, nil
}
