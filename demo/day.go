package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"xunfang/doors/uhppote"
	"xunfang/models"
	"xunfang/push/fcmfake"
)

// Config is what the day is played with.
type Config struct {
	BaseURL   string
	Station   models.Description
	Passwords map[models.ID]models.Secret // by person
	Secrets   map[models.ID]models.Secret // by device
	Fleet     *Fleet
	Board     *uhppote.Simulator
	Phones    *fcmfake.Server // what Firebase is to the service here
	NewID     func() models.ID
	// VerifyAudit says how many entries are linked in the chain, how many wait, and whether it holds.
	VerifyAudit func(ctx context.Context) (linked int64, waiting int, holds bool, err error)
	Folder      string // for the files of the morning
	Out         io.Writer
	Chinese     bool
}

// day is one day of the station under way.
type day struct {
	*player
	cast
	config Config
	round  roundState // last night's, by car

	north, south *remoteDoor // whose controllers lose their network
}

// Play plays the day over HTTP and prints a line per step. It returns how many steps there were and
// how many did not hold; an error means that the day could not be played at all.
func Play(ctx context.Context, config Config) (steps, failed int, err error) {
	parts, err := newCast(config.Station)
	if err != nil {
		return 0, 0, err
	}
	today := &day{player: newPlayer(config), cast: parts, config: config}
	for _, chapter := range []struct {
		title words
		play  func(context.Context)
	}{
		{words{"登录", "Signing in"}, today.arrive},
		{words{"巡逻打卡", "Patrol"}, today.patrol},
		{words{"昨夜的车巡", "Last night's round by car"}, today.driveNight},
		{words{"群防群治：线索", "A volunteer's tip"}, today.tell},
		{words{"访客一次性验证码", "A visitor's one-time code"}, today.visit},
		{words{"门口呼叫", "A delivery rings at the gate"}, today.ring},
		{words{"远程开门", "Opening a door from afar"}, today.open},
		{words{"别家的控制板", "Another maker's board"}, today.openBoard},
		{words{"断了网的门", "Doors without a network"}, today.loseNetwork},
		{words{"人脸进门与重点人员上报", "Entry by face, and a person of concern"}, today.showFace},
		{words{"锁定的电动自行车", "A locked e-bike at the gate"}, today.lockBike},
		{words{"报修", "A lamp repaired"}, today.mendLamp},
		{words{"预警", "An alert"}, today.alert},
		{words{"小区安全群：电动自行车被盗", "The compound's group: a stolen e-bike"}, today.talkInGroup},
		{words{"夜里的警报", "An alarm at night"}, today.climb},
		{words{"紧急求助", "A call for help"}, today.callForHelp},
		{words{"自行车锁的故事", "The bicycle lock"}, today.stopLockThieves},
		{words{"不留姓名的线索", "A tip without a name"}, today.tellUntold},
		{words{"早晨的覆盖图", "The morning's picture of cover"}, today.coverMorning},
		{words{"审计", "The audit"}, today.audit},
	} {
		title := chapter.title.en
		if config.Chinese {
			title = chapter.title.zh
		}
		_, _ = fmt.Fprintf(config.Out, "\n%s\n", title)
		chapter.play(ctx)
		if err := ctx.Err(); err != nil {
			return today.steps, today.failed, err
		}
	}
	return today.steps, today.failed, nil
}

// arrive signs everybody in who plays a part.
func (d *day) arrive(ctx context.Context) {
	people := append([]*actor{
		d.commander, d.admin, d.officer, d.auxiliary, d.host, d.stranger, d.bystander, d.night.leader, d.night.mate, d.car.leader,
		d.seller, d.committee,
	}, d.volunteers[:3]...)
	for _, who := range people {
		if who.token != "" { // one person in two parts
			continue
		}
		got := d.signIn(ctx, who, map[string]string{
			"grant_type": "password", "account": who.name, "password": d.config.Passwords[who.id].Reveal(),
		})
		if who == d.officer {
			d.prove(who, "POST /v1/auth/token", got, http.StatusOK, who.token != "",
				words{"社区民警用密码登录", "the community officer signs in with a password"})
		} else if got.status != http.StatusOK {
			d.prove(who, "POST /v1/auth/token", got, http.StatusOK, false, words{"登录失败", "cannot sign in"})
		}
	}
	wrong := &actor{name: d.officer.name}
	got := d.signIn(ctx, wrong, map[string]string{"grant_type": "password", "account": wrong.name, "password": "not the password"})
	d.prove(wrong, "POST /v1/auth/token", got, http.StatusUnauthorized, problemCode(got) == models.CodeBadCredentials,
		words{"密码错误被拒绝", "a wrong password is refused"})
	got = d.signIn(ctx, d.terminal, map[string]string{
		"grant_type": "device_key", "device_id": string(d.terminal.id), "secret": d.config.Secrets[d.terminal.id].Reveal(),
	})
	d.prove(d.terminal, "POST /v1/auth/token", got, http.StatusOK, d.terminal.token != "",
		words{"大门终端用设备密钥登录", "the gate's terminal signs in with its device key"})
	got = d.call(ctx, d.officer, http.MethodGet, "/v1/me", nil)
	d.prove(d.officer, "GET /v1/me", got, http.StatusOK, into[struct{ ID models.ID }](got).ID == d.officer.id,
		words{"服务知道是谁", "the service knows who it is"})
}

// problemCode is the stable code of a refusal.
func problemCode(got answer) models.Code {
	return into[struct {
		Code models.Code `json:"code"`
	}](got).Code
}

// audit proves that everything above can be read back and was not rewritten.
func (d *day) audit(ctx context.Context) {
	type entry struct {
		Operation string `json:"operation"`
		Outcome   string `json:"outcome"`
	}
	var got answer
	seen := map[entry]bool{}
	for _, operation := range []string{"openDoor", "createCodeEntry"} {
		got = d.call(ctx, d.commander, http.MethodGet, "/v1/audit-entries?limit=100&operation="+operation, nil)
		for _, item := range into[page[entry]](got).Items {
			seen[item] = true
		}
	}
	d.prove(d.commander, "GET /v1/audit-entries", got, http.StatusOK,
		seen[entry{"openDoor", "allowed"}] && seen[entry{"openDoor", "refused"}] && seen[entry{"createCodeEntry", "allowed"}],
		words{"开门与拒绝都有记录", "openings and refusals are both on record"})
	got = d.call(ctx, d.admin, http.MethodGet, "/v1/audit-entries", nil)
	d.prove(d.admin, "GET /v1/audit-entries", got, http.StatusForbidden, problemCode(got) == models.CodeForbidden,
		words{"管理员不能翻看审计", "the administrator may not read it"})
	linked, waiting, holds, err := int64(0), 0, false, error(nil)
	waitUntil(ctx, auditTime, func() bool {
		linked, waiting, holds, err = d.config.VerifyAudit(ctx)
		return err != nil || !holds || waiting == 0
	})
	d.line(err == nil && holds && waiting == 0 && linked > 0, "operator", "xunfang audit verify", fmt.Sprint(linked),
		words{"审计链完整，所有条目已入链", "every entry is linked and the chain holds"})
}
