package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"xunfang/auth"
	"xunfang/models"
)

// newSecrets is what an import made up, in the clear; it exists in the file of --secrets only.
type newSecrets struct {
	Station string            `json:"station"`
	People  []newPersonSecret `json:"people"`
	Devices []newDeviceSecret `json:"devices"`
}

type newPersonSecret struct {
	Key      string    `json:"key"`
	PersonID models.ID `json:"person_id"`
	Account  string    `json:"account"`
	Password string    `json:"password"`
}

type newDeviceSecret struct {
	Key      string    `json:"key"`
	DeviceID models.ID `json:"device_id"`
	Name     string    `json:"name"`
	Secret   string    `json:"secret"`
}

// makeSecrets makes up passwords and secrets, and puts their hashes into the description.
func makeSecrets(ctx context.Context, description *models.Description, people, devices []models.ID) (newSecrets, error) {
	made := newSecrets{Station: description.Station.Name, People: []newPersonSecret{}, Devices: []newDeviceSecret{}}
	persons, machines := map[models.ID]*models.Person{}, map[models.ID]*models.Device{}
	for at := range description.People {
		persons[description.People[at].ID] = &description.People[at].Person
	}
	for at := range description.Devices {
		machines[description.Devices[at].ID] = &description.Devices[at]
	}
	// Hashing is slow on purpose: as many at a time as there are processors.
	passwords, hashing := auth.NewPasswords(runtime.NumCPU(), time.Hour, rand.Reader), errgroup.Group{}
	hashing.SetLimit(runtime.NumCPU())
	for _, id := range people {
		person := persons[id]
		password, err := newPassword(rand.Reader)
		if err != nil {
			return made, err
		}
		made.People = append(made.People, newPersonSecret{
			Key: description.Keys[id], PersonID: id, Account: person.Account, Password: password.Reveal(),
		})
		hashing.Go(func() error {
			hash, err := passwords.Hash(ctx, password)
			person.PasswordHash = models.Secret(hash)
			return err
		})
	}
	for _, id := range devices {
		secret, err := auth.NewSecret(rand.Reader)
		if err != nil {
			return made, err
		}
		machines[id].SecretHash = auth.HashSecret(secret)
		made.Devices = append(made.Devices, newDeviceSecret{
			Key: description.Keys[id], DeviceID: id, Name: machines[id].Name, Secret: secret.Reveal(),
		})
	}
	return made, hashing.Wait()
}

// writeNew writes the secrets to a file that must not exist yet; it is on disk when it returns.
func (s newSecrets) writeNew(path string) (err error) {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil { // half a file of secrets is of no use, and would stand in the way
		_ = os.Remove(path)
	}
	return err
}

// passwordLetters are 32 signs that are not mistaken for each other when they are read from paper.
const passwordLetters = "abcdefghijkmnpqrstuvwxyz23456789"

// newPassword draws 16 signs, 80 bits.
func newPassword(random io.Reader) (models.Secret, error) {
	drawn := make([]byte, 16)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return "", err
	}
	for at := range drawn {
		drawn[at] = passwordLetters[drawn[at]&31]
	}
	return models.Secret(drawn), nil
}
