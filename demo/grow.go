package demo

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"xunfang/models"
)

const (
	perHome = 2.9 // residents of a home, on average

	// A building that is added has as many homes as its units, floors and doors make.
	newUnits    = 2
	newFloors   = 18
	newPerFloor = 4
)

// householdSizes is drawn from evenly; its mean is perHome.
var householdSizes = []int{1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 3, 2, 3, 5, 3, 2, 4}

const (
	surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
	givens   = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文辉玲志斌宇浩轩梓涵欣怡子睿雨桐思远佳琪俊凯晨曦若曦嘉乐诗语天佑春梅冬雪素珍德全长顺正安"
)

// Grow fills the station with residents until so many live there: it adds buildings to the
// compounds that are lived in, homes to those, and people without accounts to the homes.
// The same description, number and seed give the same station. The description stays as it is.
func Grow(description models.Description, residents int, seed uint64) models.Description {
	grown := &growth{
		Description: description,
		random:      rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // invented people, no secret
	}
	grown.Keys = maps.Clone(description.Keys)
	grown.Buildings, grown.Units = slices.Clone(description.Buildings), slices.Clone(description.Units)
	grown.Homes, grown.People = slices.Clone(description.Homes), slices.Clone(description.People)
	grown.build(int(float64(residents) / perHome))
	grown.settle(residents)
	return grown.Description
}

// growth is a description that grows.
type growth struct {
	models.Description
	random *rand.Rand
	made   int // people
}

// id derives the id that a file would give to the same path.
func (g *growth) id(kind, path string) models.ID {
	id := models.DescribedID(append([]string{string(g.Station.ID), kind}, strings.Split(path, "/")...)...)
	g.Keys[id] = path
	return id
}

// build adds buildings, one to each compound in turn, until there are enough homes.
func (g *growth) build(homes int) {
	lived := slices.DeleteFunc(slices.Clone(g.Compounds), func(c models.Compound) bool { return c.Kind == "under_construction" })
	taken := map[string]bool{}
	for _, building := range g.Buildings {
		taken[g.Keys[building.ID]] = true
	}
	for number := 1; len(g.Homes) < homes && len(lived) > 0; number++ {
		for _, compound := range lived {
			path := fmt.Sprintf("%s/%d栋", g.Keys[compound.ID], number)
			if len(g.Homes) < homes && !taken[path] {
				g.addBuilding(compound.Place(), path)
			}
		}
	}
}

func (g *growth) addBuilding(place models.Place, path string) {
	building := models.Building{ID: g.id("building", path), Name: lastPart(path)}
	place.Building = building.ID
	building.Place = place
	g.Buildings = append(g.Buildings, building)
	for number := range newUnits {
		unitPath := fmt.Sprintf("%s/%d单元", path, number+1)
		unit := models.Unit{ID: g.id("unit", unitPath), Name: lastPart(unitPath)}
		place.Unit = unit.ID
		unit.Place = place
		g.Units = append(g.Units, unit)
		for door := range newFloors * newPerFloor {
			label := fmt.Sprintf("%d%02d", door/newPerFloor+1, door%newPerFloor+1)
			home := models.Home{ID: g.id("home", unitPath+"/"+label), Place: place, Building: building.Name, Unit: unit.Name, Label: label}
			home.Place.Home = home.ID
			g.Homes = append(g.Homes, home)
		}
	}
}

// settle gives each home its household, and when there are people left, one more to each.
func (g *growth) settle(residents int) {
	living, lived := 0, map[models.ID]int{}
	for _, person := range g.People {
		for _, grant := range person.Grants {
			if grant.Role == models.RoleResident {
				living++
				lived[grant.Place.Home]++
			}
		}
	}
	for living < residents && len(g.Homes) > 0 {
		for _, at := range g.random.Perm(len(g.Homes)) {
			home := g.Homes[at]
			size := max(1, householdSizes[g.random.IntN(len(householdSizes))]-lived[home.ID])
			for range min(size, residents-living) {
				g.addResident(home)
				lived[home.ID]++
				living++
			}
		}
	}
}

func (g *growth) addResident(home models.Home) {
	g.made++
	key := fmt.Sprintf("resident-%06d", g.made)
	person := models.Person{
		ID: g.id("person", key), StationID: g.Station.ID, Name: models.Secret(g.name()),
		Phone: models.Secret(fmt.Sprintf("101%08d", g.made)), // a range that is given to nobody
		Demo:  len(g.People) > 0 && g.People[0].Demo,
	}
	grant := models.Grant{
		ID:       models.DescribedID(string(g.Station.ID), "grant", key, string(models.RoleResident), g.Keys[home.ID]),
		PersonID: person.ID, Role: models.RoleResident, Place: home.Place,
	}
	g.People = append(g.People, models.DescribedPerson{Person: person, Grants: []models.Grant{grant}})
}

// name draws a surname and one or two characters behind it.
func (g *growth) name() string {
	family, given := []rune(surnames), []rune(givens)
	name := string(family[g.random.IntN(len(family))]) + string(given[g.random.IntN(len(given))])
	if g.random.IntN(4) > 0 {
		name += string(given[g.random.IntN(len(given))])
	}
	return name
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
