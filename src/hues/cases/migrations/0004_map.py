"""Counts by grid cell for the public map, kept by triggers as small additions that nobody waits for (hues.cases.queries.map)."""

from django.db import migrations

# Cells are squares of 360 / 2^(level + 2) degrees: a quarter of a map tile at that zoom. Each is counted by category and unit, and once for all
# of them together (category and unit 0). Kinds: 0 open, 1 planned, 2 resolved, 3 ended otherwise.
SQL = """
create function case_map_kind(is_open boolean, state text, outcome text) returns smallint language sql immutable parallel safe as $$
select (case when is_open then case when state = 'planned' then 1 else 0 end
  when outcome in ('fixed_with_evidence', 'enforcement_done') then 2 else 3 end)::smallint $$;

create table case_map_cell (
  level smallint not null, x integer not null, y integer not null,
  category_id bigint not null, unit_id bigint not null, kind smallint not null,
  n bigint not null, sum_lon double precision not null, sum_lat double precision not null,
  merged boolean not null
);
create unique index case_map_cell_once on case_map_cell (category_id, level, x, y, unit_id, kind) where merged;
create index case_map_cell_new on case_map_cell (category_id, level, x, y) where not merged;

-- What one listed case adds to every level; `sign` is -1 for what it was before.
create function case_map_add(c cases_case, sign integer) returns void language sql as $$
insert into case_map_cell
select level, floor((c.public_lon + 180) * (1 << (level + 2)) / 360), floor((c.public_lat + 90) * (1 << (level + 2)) / 360),
  k.category_id, k.unit_id, case_map_kind(c.is_open, c.state, c.outcome),
  sign, sign * c.public_lon, sign * c.public_lat, false
from generate_series(6, 16) level, (values (c.category_id, coalesce(c.unit_id, 0)), (0, 0)) k (category_id, unit_id)
$$;

create function case_map_changed() returns trigger language plpgsql as $$
begin
  if old.moderated and old.visibility in ('public', 'masked') and old.public_lat is not null then
    perform case_map_add(old, -1);
  end if;
  if new.moderated and new.visibility in ('public', 'masked') and new.public_lat is not null then
    perform case_map_add(new, 1);
  end if;
  return null;
end $$;
create trigger case_map_update after update on cases_case for each row
  when ((old.moderated or new.moderated) and (
    old.moderated, old.visibility, old.public_lat, old.public_lon, old.category_id, old.unit_id,
      case_map_kind(old.is_open, old.state, old.outcome)
  ) is distinct from (
    new.moderated, new.visibility, new.public_lat, new.public_lon, new.category_id, new.unit_id,
      case_map_kind(new.is_open, new.state, new.outcome)
  ))
  execute function case_map_changed();

-- Many rows at once (imports, sample data) are added up before they are written.
create function case_map_many() returns trigger language plpgsql as $$
declare sign integer := case tg_op when 'INSERT' then 1 else -1 end;
begin
  with spots as (
    select level, floor((public_lon + 180) * (1 << (level + 2)) / 360) x, floor((public_lat + 90) * (1 << (level + 2)) / 360) y,
      category_id, coalesce(unit_id, 0) unit_id, case_map_kind(is_open, state, outcome) kind, public_lon, public_lat
    from touched cross join generate_series(6, 16) level
    where moderated and visibility in ('public', 'masked') and public_lat is not null
  )
  insert into case_map_cell
  select level, x, y, coalesce(category_id, 0), coalesce(unit_id, 0), kind,
    sign * count(*), sign * sum(public_lon), sign * sum(public_lat), false
  from spots group by grouping sets ((level, x, y, kind, category_id, unit_id), (level, x, y, kind));
  return null;
end $$;
create trigger case_map_insert after insert on cases_case referencing new table as touched
  for each statement execute function case_map_many();
create trigger case_map_delete after delete on cases_case referencing old table as touched
  for each statement execute function case_map_many();

with spots as (
  select level, floor((public_lon + 180) * (1 << (level + 2)) / 360) x, floor((public_lat + 90) * (1 << (level + 2)) / 360) y,
    category_id, coalesce(unit_id, 0) unit_id, case_map_kind(is_open, state, outcome) kind, public_lon, public_lat
  from cases_case cross join generate_series(6, 16) level
  where moderated and visibility in ('public', 'masked') and public_lat is not null
)
insert into case_map_cell
select level, x, y, coalesce(category_id, 0), coalesce(unit_id, 0), kind,
   count(*),  sum(public_lon),  sum(public_lat), true
from spots group by grouping sets ((level, x, y, kind, category_id, unit_id), (level, x, y, kind));
"""

UNDO = """
drop trigger case_map_delete on cases_case;
drop trigger case_map_insert on cases_case;
drop trigger case_map_update on cases_case;
drop function case_map_many, case_map_changed, case_map_add;
drop table case_map_cell;
drop function case_map_kind;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_ladder_links_lists")]
    operations = [migrations.RunSQL(SQL, UNDO)]
