package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"xunfang/models"
)

// AccountsFile is what tools read to try the demo; it lies in the data folder.
const AccountsFile = "demo-accounts.json"

// Accounts are the ready accounts and devices of the demo, with their secrets in the clear:
// they are worth nothing anywhere else, for production refuses them.
type Accounts struct {
	BaseURL string    `json:"base_url"`
	Broker  string    `json:"broker"`
	Docs    string    `json:"docs"`
	People  []Account `json:"accounts"`
	Devices []Machine `json:"devices"`
}

// Account is one role of one person; a person with two roles stands here twice.
type Account struct {
	Role     models.Role `json:"role"`
	Account  string      `json:"account"`
	Password string      `json:"password"`
	PersonID models.ID   `json:"person_id"`
	Scope    Scope       `json:"scope"`
}

// Scope is where the role holds, as the API writes it.
type Scope struct {
	Kind models.Level `json:"kind"`
	ID   models.ID    `json:"id"`
}

// Machine is one device at one of its doors.
type Machine struct {
	DeviceID models.ID `json:"device_id"`
	Secret   string    `json:"secret"`
	DoorID   models.ID `json:"door_id"`
}

// NewAccounts lists everybody of a station who has an account, and every device at each of its doors.
func NewAccounts(station models.Description, baseURL, broker string, passwords, secrets map[models.ID]models.Secret) Accounts {
	made := Accounts{BaseURL: baseURL, Broker: broker, Docs: baseURL + "/docs", People: []Account{}, Devices: []Machine{}}
	for _, person := range station.People {
		for _, grant := range person.Grants {
			if person.Account == "" {
				break
			}
			made.People = append(made.People, Account{
				Role: grant.Role, Account: person.Account, Password: passwords[person.ID].Reveal(), PersonID: person.ID,
				Scope: Scope{Kind: grant.Place.Level(), ID: grant.Place.ID()},
			})
		}
	}
	for _, device := range station.Devices {
		for _, door := range device.DoorIDs {
			made.Devices = append(made.Devices, Machine{DeviceID: device.ID, Secret: secrets[device.ID].Reveal(), DoorID: door})
		}
	}
	return made
}

// Write puts the file into a folder in one piece, for its owner only.
func (a Accounts) Write(folder string) (string, error) {
	text, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, AccountsFile)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return "", err
	}
	return path, os.Rename(path+".new", path)
}

// Print writes a table with the first accounts of each role.
func (a Accounts) Print(out io.Writer, each int) {
	seen := map[models.Role]int{}
	for _, role := range models.PersonRoles {
		for _, account := range a.People {
			if account.Role == role && seen[role] < each {
				seen[role]++
				_, _ = fmt.Fprintf(out, "  %-12s %-14s %-22s %s %s\n", role, account.Account, account.Password, account.Scope.Kind, account.Scope.ID)
			}
		}
	}
}
